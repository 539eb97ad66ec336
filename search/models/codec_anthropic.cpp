#include <nlohmann/json.hpp>

#include "search/models/endpoint.hpp"

namespace kbench {

namespace {

using nlohmann::json;

std::vector<std::string> headers(const std::string& key) {
  std::vector<std::string> lines = {"anthropic-version: 2023-06-01"};
  if (!key.empty()) lines.push_back("x-api-key: " + key);
  return lines;
}

json encode(const std::string& model, const ChatRequest& request, const Profile& profile) {
  json messages = json::array();
  for (const ChatMessage& message : request.messages) {
    messages.push_back({{"role", message.role == ChatMessage::Role::user ? "user" : "assistant"},
                        {"content", message.text}});
  }
  json body = {
      {"model", model}, {"messages", std::move(messages)}, {"max_tokens", request.max_tokens}};
  if (!request.system.empty()) body["system"] = request.system;
  if (request.temperature && !profile.dropped.contains("temperature")) {
    body["temperature"] = *request.temperature;
  }
  return body;
}

Answered<ChatReply> decode(const json& reply, std::optional<TokenUse>& use) {
  if (const auto usage = reply.find("usage"); usage != reply.end() && usage->is_object()) {
    use = TokenUse{usage->value("input_tokens", int64_t{0}),
                   usage->value("output_tokens", int64_t{0})};
  }
  ChatReply chat;
  const auto content = reply.find("content");
  if (content != reply.end() && content->is_array()) {
    for (const json& block : *content) {
      const std::string type = block.value("type", "");
      if (type == "text") chat.text += block.at("text").get<std::string>();
      if (type == "thinking") chat.thinking += block.value("thinking", "");
    }
  }
  const auto reason = reply.find("stop_reason");
  const std::string stop = reason != reply.end() && reason->is_string() ? *reason : "";
  if (stop == "refusal") return miss(ModelFailure::refused, "stop_reason refusal");
  if (stop == "max_tokens") return miss(ModelFailure::truncated, "the reply ran into max_tokens");
  if (chat.text.empty()) return miss(ModelFailure::empty, "the reply has no text");
  return chat;
}

const bool kRegistered = endpoints().add(
    "anthropic", {"Anthropic Messages: anthropic:NAME[@URL]",
                  [](const ModelName& model, const EndpointSetup& setup) {
                    return http_endpoint({.name = "anthropic",
                                          .default_url = "https://api.anthropic.com/v1",
                                          .path = "/messages",
                                          .key_variable = "ANTHROPIC_API_KEY",
                                          .headers = headers,
                                          .encode = encode,
                                          .decode = decode},
                                         model, setup);
                  }});

}  // namespace

}  // namespace kbench
