#pragma once

#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "search/models/chat.hpp"

namespace kbench {

// Fields of a request that an endpoint was found not to take. `max_tokens` is never dropped:
// without it a call has no worst price; it may go by its newer name.
struct Profile {
  std::set<std::string> dropped;
  bool max_completion_tokens = false;
};

// An endpoint's form of request and reply.
struct Codec {
  std::string name;          // "openai"
  std::string default_url;   // where no @URL is given
  std::string path;          // after the URL
  std::string key_variable;  // the environment's name of the key for the default URL
  std::vector<std::string> (*headers)(const std::string& key);  // key may be empty
  nlohmann::json (*encode)(const std::string& model, const ChatRequest& request,
                           const Profile& profile);
  // Of a reply with status 200. `use` is filled as far as the reply has it, also with a Miss.
  Answered<ChatReply> (*decode)(const nlohmann::json& reply, std::optional<TokenUse>& use);
};

// An error object in a reply, whatever its status: `quota`, `rate_limit`, `refused`, else
// `rejected` (status under 500) or `transport`, with the endpoint's own words.
Miss endpoint_error(int status, const std::string& body);

// Learns from the body of a 400: the field it names is dropped, or renamed, from now on. False: it
// names none that could be.
bool learn(Profile& profile, const std::string& body);

}  // namespace kbench
