#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/files.hpp"
#include "core/json_text.hpp"
#include "core/text.hpp"
#include "results/gate.hpp"

namespace kbench {

namespace {

// Ordered: a file that people write keeps the order they gave it.
using nlohmann::ordered_json;

const std::vector<std::string> kFields = {"task",      "problem",  "kernel",
                                          "params",    "anchor",   "device",
                                          "tolerance", "evidence", "ratio_to_anchor"};

constexpr const char* kForm = R"(expected {"kernels": [{"task": ...}]})";

Result<ordered_json> parse_policy_json(const std::string& text, const std::string& path) {
  return parse_json<ordered_json>(text, path, "the policy is no JSON", kForm);
}

Result<const ordered_json*> kernels_in(const ordered_json& json, const std::string& path) {
  if (!json.is_object() || !json.contains("kernels") || !json["kernels"].is_array()) {
    return bad_input("the policy has no list \"kernels\"", path, kForm);
  }
  return &json["kernels"];
}

// The fields of one entry, taken one by one; the first thing wrong is kept.
class EntryReader {
 public:
  EntryReader(const ordered_json& json, std::string where)
      : json_(json), where_(std::move(where)) {}

  void names() {
    if (!json_.is_object()) return fail("an entry must be an object", {});
    for (const auto& [name, value] : json_.items()) {
      const bool known = std::find(kFields.begin(), kFields.end(), name) != kFields.end();
      // What begins with '_' is a comment.
      if (!known && !name.starts_with('_')) {
        fail("unknown field '" + name + "'", suggestion(name, kFields));
      }
    }
  }
  void text(const char* name, std::string& value, bool required = false) {
    const ordered_json* field = find(name, required);
    if (field == nullptr) return;
    if (!field->is_string()) return fail(fmt::format("'{}' must be a text", name), {});
    value = field->get<std::string>();
    if (required && value.empty()) fail(fmt::format("'{}' is empty", name), {});
  }
  std::optional<double> number(const char* name, double low) {
    const ordered_json* field = find(name, false);
    if (field == nullptr || field->is_null()) return {};
    if (!field->is_number() || !(field->get<double>() >= low)) {
      fail(fmt::format("'{}' must be a number of at least {}", name, low), {});
      return {};
    }
    return field->get<double>();
  }
  void params(Params& params) {
    const ordered_json* field = find("params", false);
    if (field == nullptr) return;
    if (!field->is_object()) return fail("'params' must be an object", R"({"BLOCK": "64"})");
    for (const auto& [name, value] : field->items()) {
      params[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  void evidence(Evidence& evidence) {
    std::string name(name_of(evidence));
    text("evidence", name);
    const auto parsed = parse_evidence(name);
    if (!parsed) return fail(parsed.error().what, parsed.error().hint);
    evidence = *parsed;
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  const ordered_json* find(const char* name, bool required) {
    if (error_) return nullptr;
    const auto found = json_.find(name);
    if (found != json_.end()) return &*found;
    if (required) fail(fmt::format("'{}' is missing", name), {});
    return nullptr;
  }
  void fail(std::string what, std::string hint) {
    if (!error_) error_ = Error{ErrorKind::bad_input, std::move(what), where_, std::move(hint)};
  }

  const ordered_json& json_;
  std::string where_;
  std::optional<Error> error_;
};

Result<GateEntry> read_entry(const ordered_json& json, const std::string& where) {
  GateEntry entry;
  EntryReader reader(json, where);
  reader.names();
  reader.text("task", entry.task, true);
  reader.text("problem", entry.problem);
  reader.text("kernel", entry.kernel, true);
  reader.params(entry.params);
  reader.text("anchor", entry.anchor, true);
  reader.text("device", entry.device);
  entry.tolerance = reader.number("tolerance", 0).value_or(entry.tolerance);
  entry.ratio_to_anchor = reader.number("ratio_to_anchor", 1e-9);
  reader.evidence(entry.evidence);
  if (reader.error()) return tl::unexpected(*reader.error());
  return entry;
}

// Four significant digits: what is written is no more exact than the machine.
double rounded(double ratio) {
  return std::stod(fmt::format("{:.4g}", ratio));
}

}  // namespace

Result<GatePolicy> parse_policy(const std::string& text, const std::string& path) {
  const auto json = parse_policy_json(text, path);
  if (!json) return tl::unexpected(json.error());
  const auto kernels = kernels_in(*json, path);
  if (!kernels) return tl::unexpected(kernels.error());
  GatePolicy policy{path, {}};
  for (const ordered_json& entry : **kernels) {
    auto read = read_entry(entry, fmt::format("{}: entry {}", path, policy.entries.size() + 1));
    if (!read) return tl::unexpected(read.error());
    policy.entries.push_back(std::move(*read));
  }
  if (policy.entries.empty()) {
    return bad_input("the policy names no kernel: such a gate would pass anything", path);
  }
  return policy;
}

Result<GatePolicy> read_policy(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return bad_input("the policy cannot be read", path, "docs/gate.md shows one");
  return parse_policy(*text, path);
}

Result<std::string> updated_policy(const std::string& text, const std::string& path,
                                   const std::vector<std::optional<double>>& ratios) {
  auto json = parse_policy_json(text, path);
  if (!json) return tl::unexpected(json.error());
  if (const auto kernels = kernels_in(*json, path); !kernels) {
    return tl::unexpected(kernels.error());
  }
  ordered_json& entries = (*json)["kernels"];
  for (size_t i = 0; i < std::min(ratios.size(), entries.size()); ++i) {
    if (ratios[i]) entries[i]["ratio_to_anchor"] = rounded(*ratios[i]);
  }
  return json->dump(2) + "\n";
}

Result<void> update_policy(const GatePolicy& policy,
                           const std::vector<std::optional<double>>& ratios) {
  const auto text = read_file(policy.path);
  if (!text) return tl::unexpected(text.error());
  const auto updated = updated_policy(*text, policy.path, ratios);
  if (!updated) return tl::unexpected(updated.error());
  return write_file(policy.path, *updated);
}

}  // namespace kbench
