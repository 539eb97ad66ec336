#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace kbench {

// What a language model is asked, whatever the endpoint's own form.
struct ChatMessage {
  enum class Role { user, assistant };
  Role role = Role::user;
  std::string text;
};
struct ChatRequest {
  std::string system;
  std::vector<ChatMessage> messages;
  int64_t max_tokens = 16'384;  // of the reply, its thinking included
  std::optional<double> temperature = {};
  std::optional<uint64_t> seed = {};

  // JSON with sorted keys: what a replay compares. Independent of the endpoint.
  std::string text() const;
};

// As the endpoint counted them.
struct TokenUse {
  int64_t input = 0, output = 0;
};

struct ChatReply {
  std::string text;
  std::string thinking;  // where the endpoint gives it apart
};

// Why a model's turn gave no kernel. What the judge says of a kernel is an Outcome instead.
enum class ModelFailure {
  transport,       // no whole answer came
  rate_limit,      // too many requests, to the last attempt
  quota,           // nothing left to pay with: final for this model
  rejected,        // the endpoint does not take the request (key, name, form): final as well
  refused,         // the model will not answer
  truncated,       // the answer ran into max_tokens
  empty,           // an answer without text
  no_code,         // text without a complete code block
  header_invalid,  // a kernel file whose header is wrong
  patch_mismatch,  // an edit that does not apply
  unchanged,       // a kernel that was there before
  no_plan,         // a plan without a known strategy, or without steps
  no_verdict,      // a pre-check that does not say what it foretells
  filtered,        // a kernel of which a pre-check foretold that it fails
};
std::string_view name_of(ModelFailure failure);
// Asking again would give the same.
bool is_final(ModelFailure failure);

struct Miss {
  ModelFailure kind = ModelFailure::transport;
  std::string message;
};
template <class T>
using Answered = tl::expected<T, Miss>;
inline tl::unexpected<Miss> miss(ModelFailure kind, std::string message) {
  return tl::unexpected(Miss{kind, std::move(message)});
}

}  // namespace kbench
