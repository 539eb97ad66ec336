#include "search/models/codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "core/text.hpp"

namespace kbench {

namespace {

constexpr size_t kLongestMessage = 500;
constexpr int kTooManyRequests = 429, kPaymentRequired = 402, kOverloaded = 529;

bool contains_any(std::string text, std::initializer_list<std::string_view> parts) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return text.find(part) != std::string::npos; });
}

// The words of {"error": {"type", "code", "message"}}, {"error": "..."} or of any other text.
std::string words_of(const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  std::string words;
  const auto error = json.is_object() ? json.value("error", nlohmann::json()) : nlohmann::json();
  if (error.is_string()) words = error;
  if (error.is_object()) {
    for (const char* field : {"type", "code", "message"}) {
      const auto value = error.value(field, nlohmann::json());
      if (value.is_null()) continue;
      if (!words.empty()) words += ": ";
      words += value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  if (words.empty()) words = body;
  words = as_text(words);
  if (words.size() > kLongestMessage) {
    words.resize(utf8_prefix(std::string_view(words).substr(0, kLongestMessage)));
  }
  return words;
}

// Whether `name` stands in `text` as a word of its own.
bool names(const std::string& text, const std::string& name) {
  auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const size_t end = at + name.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) {
      return true;
    }
  }
  return false;
}

}  // namespace

Miss endpoint_error(int status, const std::string& body) {
  const std::string words = words_of(body);
  ModelFailure kind = status >= 500 ? ModelFailure::transport : ModelFailure::rejected;
  if (status == kPaymentRequired ||
      contains_any(words, {"insufficient_quota", "billing", "credit balance", "quota exceeded"})) {
    kind = ModelFailure::quota;
  } else if (status == kTooManyRequests || status == kOverloaded ||
             contains_any(words, {"rate_limit", "overloaded"})) {
    kind = ModelFailure::rate_limit;
  } else if (contains_any(words, {"content_policy", "content_filter", "content management"})) {
    kind = ModelFailure::refused;
  }
  return {kind, fmt::format("status {}: {}", status, words)};
}

bool learn(Profile& profile, const std::string& body) {
  if (!profile.max_completion_tokens && names(body, "max_completion_tokens")) {
    profile.max_completion_tokens = true;
    return true;
  }
  for (const std::string field : {"temperature", "seed"}) {
    if (!profile.dropped.contains(field) && names(body, field)) {
      profile.dropped.insert(field);
      return true;
    }
  }
  return false;
}

}  // namespace kbench
