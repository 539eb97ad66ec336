#include <nlohmann/json.hpp>

#include "search/models/endpoint.hpp"

namespace kbench {

namespace {

using nlohmann::json;

std::vector<std::string> headers(const std::string& key) {
  if (key.empty()) return {};
  return {"authorization: Bearer " + key};
}

json encode(const std::string& model, const ChatRequest& request, const Profile& profile) {
  json messages = json::array();
  if (!request.system.empty()) {
    messages.push_back({{"role", "system"}, {"content", request.system}});
  }
  for (const ChatMessage& message : request.messages) {
    messages.push_back({{"role", message.role == ChatMessage::Role::user ? "user" : "assistant"},
                        {"content", message.text}});
  }
  json body = {{"model", model}, {"messages", std::move(messages)}};
  body[profile.max_completion_tokens ? "max_completion_tokens" : "max_tokens"] = request.max_tokens;
  if (request.temperature && !profile.dropped.contains("temperature")) {
    body["temperature"] = *request.temperature;
  }
  if (request.seed && !profile.dropped.contains("seed")) body["seed"] = *request.seed;
  return body;
}

// Null where a field is missing or null, as servers differ in which they do.
std::string text_of(const json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Answered<ChatReply> decode(const json& reply, std::optional<TokenUse>& use) {
  if (const auto usage = reply.find("usage"); usage != reply.end() && usage->is_object()) {
    use = TokenUse{usage->value("prompt_tokens", int64_t{0}),
                   usage->value("completion_tokens", int64_t{0})};
  }
  const json& choice = reply.at("choices").at(0);
  const json& message = choice.at("message");
  if (const std::string words = text_of(message, "refusal"); !words.empty()) {
    return miss(ModelFailure::refused, words);
  }
  ChatReply chat{text_of(message, "content"), text_of(message, "reasoning_content")};
  if (chat.thinking.empty()) chat.thinking = text_of(message, "reasoning");
  const std::string finish = text_of(choice, "finish_reason");
  if (finish == "content_filter") return miss(ModelFailure::refused, "content_filter");
  if (finish == "length") return miss(ModelFailure::truncated, "the reply ran into max_tokens");
  if (chat.text.empty()) return miss(ModelFailure::empty, "the reply has no text");
  return chat;
}

const bool kRegistered =
    endpoints().add("openai", {"OpenAI-compatible chat completions: openai:NAME[@URL]",
                               [](const ModelName& model, const EndpointSetup& setup) {
                                 return http_endpoint({.name = "openai",
                                                       .default_url = "https://api.openai.com/v1",
                                                       .path = "/chat/completions",
                                                       .key_variable = "OPENAI_API_KEY",
                                                       .headers = headers,
                                                       .encode = encode,
                                                       .decode = decode},
                                                      model, setup);
                               }});

}  // namespace

}  // namespace kbench
