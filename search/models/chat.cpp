#include "search/models/chat.hpp"

#include <nlohmann/json.hpp>

#include "core/text.hpp"

namespace kbench {

std::string ChatRequest::text() const {
  nlohmann::json json = {{"system", as_text(system)}, {"max_tokens", max_tokens}};
  for (const ChatMessage& message : messages) {
    json["messages"].push_back(
        {{"role", message.role == ChatMessage::Role::user ? "user" : "assistant"},
         {"content", as_text(message.text)}});
  }
  if (temperature) json["temperature"] = *temperature;
  if (seed) json["seed"] = *seed;
  return json.dump();
}

std::string_view name_of(ModelFailure failure) {
  constexpr std::string_view kNames[] = {
      "transport", "rate_limit", "quota",      "rejected",       "refused",
      "truncated", "empty",      "no_code",    "header_invalid", "patch_mismatch",
      "unchanged", "no_plan",    "no_verdict", "filtered"};
  return kNames[static_cast<size_t>(failure)];
}

bool is_final(ModelFailure failure) {
  return failure == ModelFailure::quota || failure == ModelFailure::rejected;
}

}  // namespace kbench
