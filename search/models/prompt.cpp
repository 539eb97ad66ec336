#include "search/models/prompt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/paths.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

namespace fs = std::filesystem;

// Source code runs at about four bytes a token in the tokenisers of today.
constexpr int64_t kBytesPerToken = 4;
constexpr int kDeepest = 4;

// At most `most` bytes, whole lines.
std::string shortened(std::string text, size_t most) {
  if (most == 0 || text.size() <= most) return text;
  const size_t end = text.rfind('\n', most);
  const std::string rest = text.substr(end == std::string::npos ? most : end + 1);
  text.resize(end == std::string::npos ? utf8_prefix(std::string_view(text).substr(0, most))
                                       : end + 1);
  const auto lines = std::count(rest.begin(), rest.end(), '\n') + (rest.ends_with('\n') ? 0 : 1);
  return text + fmt::format("[{} more lines left out]\n", lines);
}

}  // namespace

Result<Prompts> Prompts::load(const std::string& own, const std::string& language) {
  Prompts prompts;
  for (const std::string& folder : {data_root() + "/prompts", own}) {
    if (folder.empty()) continue;
    std::error_code failed;
    std::map<std::string, Part> parts;
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
      if (entry.path().extension() != ".md") continue;
      std::ifstream file(entry.path());
      std::stringstream text;
      text << file.rdbuf();
      Part part{text.str(), 0};
      constexpr std::string_view kBound = "{{! at most ", kEnd = " tokens }}\n";
      if (part.text.starts_with("{{!")) {
        const size_t end = part.text.find(kEnd);
        auto tokens = end == std::string::npos || !part.text.starts_with(kBound)
                          ? bad_input("")
                          : parse_integer(part.text.substr(kBound.size(), end - kBound.size()));
        if (!tokens || *tokens < 1) {
          return bad_input("its first line is no bound", entry.path().string() + ":1",
                           "write {{! at most 2000 tokens }}");
        }
        part.most_bytes = static_cast<size_t>(*tokens * kBytesPerToken);
        part.text.erase(0, end + kEnd.size());
      }
      parts[entry.path().stem()] = std::move(part);
    }
    for (const auto& [name, part] : parts) {
      if (name.find('.') == std::string::npos) prompts.parts_[name] = part;
    }
    for (const auto& [name, part] : parts) {
      if (name.ends_with("." + language)) prompts.parts_[name.substr(0, name.find('.'))] = part;
    }
    if (failed) return bad_input(failed.message(), folder, "a folder of prompt parts, NAME.md");
  }
  return prompts;
}

Result<std::string> Prompts::fill(const std::string& part, const Values& values) const {
  bool empty = false;
  return fill(part, values, 0, empty);
}

Result<std::string> Prompts::fill(const std::string& name, const Values& values, int depth,
                                  bool& empty) const {
  const auto part = parts_.find(name);
  const std::string where = "prompt part " + name + ".md";
  if (part == parts_.end()) return bad_input("there is no " + where);
  if (depth > kDeepest) return bad_input("parts contain each other", where);
  const std::string& text = part->second.text;
  std::string filled;
  bool needs = false, has = false;
  size_t at = 0;
  for (size_t open; (open = text.find("{{", at)) != std::string::npos;) {
    const size_t close = text.find("}}", open);
    if (close == std::string::npos) return bad_input("a '{{' without '}}'", where);
    filled += text.substr(at, open - at);
    at = close + 2;
    const std::string wanted(trim(std::string_view(text).substr(open + 2, close - open - 2)));
    std::string value;
    if (const auto found = values.find(wanted); found != values.end()) {
      value = found->second;
    } else if (parts_.contains(wanted)) {
      bool left_out = false;
      auto inner = fill(wanted, values, depth + 1, left_out);
      if (!inner) return inner;
      if (!left_out) value = std::move(*inner);
    } else {
      std::vector<std::string> known;
      for (const auto& [known_name, ignored] : values) known.push_back(known_name);
      for (const auto& [known_name, ignored] : parts_) known.push_back(known_name);
      return bad_input("nothing is called '" + wanted + "'", where, suggestion(wanted, known));
    }
    needs = true;
    has |= !value.empty();
    filled += value;
  }
  filled += text.substr(at);
  empty = needs && !has;
  return shortened(std::move(filled), part->second.most_bytes);
}

}  // namespace kbench
