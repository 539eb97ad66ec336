#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "core/registry.hpp"
#include "search/models/chat.hpp"
#include "search/models/codec.hpp"

namespace kbench {

// `KIND:NAME@URL`, as --model has it: "openai:llama-3@http://localhost:8000/v1",
// "anthropic:claude-x", "command:./my_model.sh".
struct ModelName {
  std::string kind, name, url;
  std::string text() const { return kind + ":" + name + (url.empty() ? "" : "@" + url); }
};
// A URL with a password in it is an error: it would be stored.
Result<ModelName> parse_model(const std::string& text);

// How waiting is done; tests give a clock of their own.
struct Waiting {
  std::function<void(std::chrono::milliseconds)> sleep;
  std::function<double()> random;  // [0, 1)
};
Waiting real_waiting(const std::atomic<bool>& stop);

struct EndpointSetup {
  std::string key_file = {};  // one line; empty: from the environment (docs/models.md)
  std::chrono::milliseconds limit{600'000};  // of one attempt
  int attempts = 6;                          // of requests that were turned away unread
  Waiting waiting;
  // What was turned away is not sent again once it is true; a call under way is waited for.
  const std::atomic<bool>* stop = nullptr;
};

// One request and what became of it.
struct Exchange {
  std::string request;   // the last attempt's bytes, no headers
  std::string response;  // its answer's, as far as it came
  int attempts = 0;
  double milliseconds = 0;
  bool delivered = false;       // an endpoint may have worked on it, and want money for it
  std::optional<TokenUse> use;  // none: not told
  Answered<ChatReply> reply = miss(ModelFailure::transport, "not asked");
};

// Thread-safe. Sends again only what was turned away unread (429, 503, 529, no connection) or
// answered with a 400 that names a field which can be left out.
class Endpoint {
 public:
  virtual ~Endpoint() = default;
  virtual Exchange ask(const ChatRequest& request) = 0;
};

struct EndpointKind {
  std::string help;
  std::function<Result<std::unique_ptr<Endpoint>>(const ModelName&, const EndpointSetup&)> make;
};
Registry<EndpointKind>& endpoints();
Result<std::unique_ptr<Endpoint>> make_endpoint(const ModelName& model, const EndpointSetup& setup);

// An endpoint that speaks `codec` over HTTP.
Result<std::unique_ptr<Endpoint>> http_endpoint(const Codec& codec, const ModelName& model,
                                                const EndpointSetup& setup);

}  // namespace kbench
