#include "harness/task_reader.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/files.hpp"
#include "core/json_text.hpp"
#include "core/text.hpp"
#include "harness/problem.hpp"

namespace kbench {

namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kKeys = {"about",   "formula", "source",   "dims",    "require",
                                        "tensors", "scalars", "variants", "fills",   "groups",
                                        "compare", "work",    "problems", "held_out"};
const std::vector<std::string> kReservedDims = {"variant", "fill", "cache", "threads"};

bool is_identifier(std::string_view name) {
  const auto legal = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), legal);
}

Result<std::string> read_text(const fs::path& path) {
  auto text = read_file(path);
  if (!text) return bad_input("file is missing or cannot be read", path.string());
  return text;
}

}  // namespace

Result<Task> load_task(const std::string& folder) {
  const fs::path path = fs::path(folder).lexically_normal();
  auto json = read_text(path / "task.json");
  if (!json) return tl::unexpected(json.error());
  auto reference = read_text(path / "reference.cpp");
  if (!reference) return tl::unexpected(reference.error());
  auto task = TaskReader(*json, (path / "task.json").string()).read();
  if (!task) return task;
  task->name = path.filename();
  task->category = path.parent_path().filename();
  task->folder = path;
  task->reference = *reference;
  for (auto* set : {&task->smoke, &task->verify, &task->tune, &task->bench}) {
    for (Problem& problem : *set) problem.task = task->name;
  }
  return task;
}

TaskReader::TaskReader(std::string text, std::string file)
    : text_(std::move(text)), file_(std::move(file)) {}

Result<Task> TaskReader::read() {
  auto parsed = parse_json<Json>(text_, file_, "not valid JSON");
  if (!parsed) return tl::unexpected(parsed.error());
  Json json = std::move(*parsed);
  if (!json.is_object()) return bad_input("a task is a JSON object", file_ + ":1");
  check_keys(json, {}, kKeys);
  for (const char* key :
       {"about", "formula", "dims", "tensors", "variants", "fills", "groups", "work", "problems"}) {
    if (!json.contains(key)) fail({}, "'" + std::string(key) + "' is missing");
  }
  if (error_) return tl::unexpected(*error_);
  read_words(json);
  read_dims(json);
  read_tensors(json["tensors"]);
  read_scalars(json.value("scalars", Json::object()));
  read_variants(json["variants"]);
  read_fills(json["fills"]);
  read_groups(json["groups"]);
  read_comparators(json.value("compare", Json::object()));
  read_work(json["work"]);
  if (!error_) read_problems(json["problems"]);
  read_held_out(json.value("held_out", Json::object()));
  if (error_) return tl::unexpected(*error_);
  return std::move(task_);
}

void TaskReader::read_words(const Json& json) {
  task_.about = text_at(json["about"], {"about"});
  task_.formula = text_at(json["formula"], {"formula"});
  if (json.contains("source")) task_.source = text_at(json["source"], {"source"});
}

void TaskReader::read_dims(const Json& json) {
  if (!json["dims"].is_array()) return fail({"dims"}, "'dims' is a list of names");
  for (const Json& entry : json["dims"]) {
    const std::string name = text_at(entry, {"dims"});
    if (!is_identifier(name) || contains(kReservedDims, name) || contains(task_.dims, name)) {
      fail({"dims"}, "'" + name + "' cannot name a dim",
           "lower-case words, each once; not variant, fill, cache, threads");
    }
    task_.dims.push_back(name);
  }
  if (!json.contains("require")) return;
  if (!json["require"].is_array()) return fail({"require"}, "'require' is a list of conditions");
  for (const Json& entry : json["require"]) {
    task_.requires_.push_back(expression(text_at(entry, {"require"}), {"require"}));
  }
}

void TaskReader::read_tensors(const Json& json) {
  if (!expect_object(json, {"tensors"})) return;
  for (const auto& [name, entry] : json.items()) read_tensor(name, entry);
}

// "in constant u8 [k / 2, n]": io, flags, a dtype that no variant changes, extents.
void TaskReader::read_tensor(const std::string& name, const Json& json) {
  const Path path = {"tensors", name};
  const std::string text = text_at(json, path);
  const size_t open = text.find('[');
  if (!is_identifier(name)) fail(path, "'" + name + "' cannot name a tensor", "lower-case words");
  if (open == std::string::npos || trim(text).back() != ']') {
    return fail(path, "tensor '" + name + "' has no shape", "write \"in [rows, cols]\"");
  }
  TensorSpec tensor;
  tensor.name = name;
  for (const std::string& word : split_words(text.substr(0, open))) {
    if (word == "in" || word == "out" || word == "inout") {
      tensor.io = word == "in" ? Io::in : word == "out" ? Io::out : Io::inout;
    } else if (word == "constant") {
      tensor.constant = true;
    } else if (const auto type = parse_dtype(word)) {
      fixed_dtypes_[name] = *type;
    } else {
      fail(path, "unknown word '" + word + "' of a tensor", "in, out, inout, constant or a dtype");
    }
  }
  const auto inside = trim(text).substr(open + 1, trim(text).size() - open - 2);
  for (const std::string& extent : split_list(inside)) {
    tensor.shape.push_back(expression(extent, path));
  }
  task_.tensors.push_back(std::move(tensor));
}

void TaskReader::read_scalars(const Json& json) {
  if (!expect_object(json, {"scalars"})) return;
  for (const auto& [name, value] : json.items()) {
    if (!value.is_number()) fail({"scalars", name}, "scalar '" + name + "' is not a number");
    if (!is_identifier(name)) fail({"scalars", name}, "'" + name + "' cannot name a scalar");
    task_.scalars.push_back({name, DType::f32, value.is_number() ? value.get<double>() : 0});
  }
}

void TaskReader::read_variants(const Json& json) {
  if (json.is_array()) {
    for (const Json& name : json) read_variant(text_at(name, {"variants"}), Json::object());
  } else if (expect_object(json, {"variants"})) {
    for (const auto& [name, entry] : json.items()) read_variant(name, entry);
  }
  if (task_.variants.empty()) fail({"variants"}, "a task has at least one variant");
}

// {"dtype": for every tensor, "<tensor>": for that one, "compute": for sums}; the name is the
// default.
void TaskReader::read_variant(const std::string& name, const Json& json) {
  const Path path = {"variants", name};
  if (!expect_object(json, path)) return;
  std::vector<std::string> known = {"dtype", "compute"};
  for (const TensorSpec& tensor : task_.tensors) known.push_back(tensor.name);
  check_keys(json, path, known);
  const auto chosen = [&](const std::string& key, const std::string& otherwise) {
    return dtype(json.contains(key) ? text_at(json[key], path) : otherwise, path);
  };
  const DType common = chosen("dtype", name);
  Variant variant{.name = name, .dtypes = {}, .compute = DType::f32};
  variant.compute = chosen("compute", common == DType::f64 ? "f64" : "f32");
  for (const TensorSpec& tensor : task_.tensors) {
    const auto fixed = fixed_dtypes_.find(tensor.name);
    const DType otherwise = fixed == fixed_dtypes_.end() ? common : fixed->second;
    variant.dtypes[tensor.name] = chosen(tensor.name, std::string(name_of(otherwise)));
  }
  task_.variants.push_back(std::move(variant));
}

void TaskReader::read_work(const Json& json) {
  if (!expect_object(json, {"work"})) return;
  check_keys(json, {"work"}, {"flops", "bytes"});
  const Path flops = {"work", "flops"}, bytes = {"work", "bytes"};
  task_.flops = expression(json.contains("flops") ? text_at(json["flops"], flops) : "0", flops);
  if (json.contains("bytes")) {
    task_.bytes = expression(text_at(json["bytes"], bytes), bytes, /*element_sizes=*/true);
  }
}

void TaskReader::read_problems(const Json& json) {
  if (!expect_object(json, {"problems"})) return;
  check_keys(json, {"problems"}, {"smoke", "verify", "tune", "bench"});
  const std::pair<const char*, std::vector<Problem>*> sets[] = {{"tune", &task_.tune},
                                                                {"smoke", &task_.smoke},
                                                                {"verify", &task_.verify},
                                                                {"bench", &task_.bench}};
  for (const auto& [set, problems] : sets) {
    if (!json.contains(set) || !json[set].is_array() || json[set].empty()) {
      return fail({"problems"}, "problem set '" + std::string(set) + "' is missing or empty");
    }
    for (const Json& entry : json[set]) {
      const Path path = {"problems", set, text_at(entry, {"problems", set})};
      auto expanded = expand_problems(task_, path.back());
      if (!expanded) return fail(path, expanded.error().what, expanded.error().hint);
      for (Problem& problem : *expanded) {
        const auto shapes = shapes_of(task_, problem);
        if (!shapes) return fail(path, shapes.error().what, shapes.error().hint);
        problems->push_back(std::move(problem));
      }
    }
  }
}

void TaskReader::read_held_out(const Json& json) {
  if (!expect_object(json, {"held_out"})) return;
  check_keys(json, {"held_out"}, task_.dims);
  for (const auto& [dim, range] : json.items()) {
    const bool two = range.is_array() && range.size() == 2 && range[0].is_number_integer() &&
                     range[1].is_number_integer();
    if (!two || range[0].get<int64_t>() > range[1].get<int64_t>()) {
      fail({"held_out", dim}, "the range of '" + dim + "' is not [lowest, highest]");
      continue;
    }
    task_.held_out[dim] = {range[0].get<int64_t>(), range[1].get<int64_t>()};
  }
}

std::string TaskReader::text_at(const Json& json, const Path& path) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number_integer()) return std::to_string(json.get<int64_t>());
  fail(path, "text expected, not " + json.dump());
  return {};
}

Expr TaskReader::expression(const std::string& text, const Path& path, bool element_sizes) {
  auto parsed = Expr::parse(text);
  if (!parsed) {
    fail(path, parsed.error().what + " in '" + text + "'", parsed.error().hint);
    return {};
  }
  std::vector<std::string> known = task_.dims;
  if (element_sizes) {
    for (const TensorSpec& tensor : task_.tensors) known.push_back("E_" + tensor.name);
  }
  for (const std::string& name : parsed->names()) {
    if (!contains(known, name)) {
      fail(path, "unknown dim '" + name + "' in '" + text + "'", suggestion(name, known));
    }
  }
  return *parsed;
}

DType TaskReader::dtype(const std::string& name, const Path& path) {
  const auto type = parse_dtype(name);
  if (!type) fail(path, type.error().what, type.error().hint);
  return type.value_or(DType::f32);
}

void TaskReader::check_keys(const Json& json, const Path& path,
                            const std::vector<std::string>& known) {
  for (const auto& [key, value] : json.items()) {
    if (contains(known, key)) continue;
    Path full = path;
    full.push_back(key);
    fail(full, "unknown field '" + key + "'", suggestion(key, known));
  }
}

bool TaskReader::expect_object(const Json& json, const Path& path) {
  if (!json.is_object()) fail(path, "'" + path.back() + "' is an object: {\"name\": ...}");
  return json.is_object();
}

void TaskReader::fail(const Path& path, std::string what, std::string hint) {
  if (error_) return;
  error_ = Error{ErrorKind::bad_input, std::move(what), where(path), std::move(hint)};
}

std::string TaskReader::where(const Path& path) const {
  size_t position = 0;
  for (const std::string& key : path) {
    const size_t found = text_.find('"' + key + '"', position);
    if (found != std::string::npos) position = found;
  }
  const auto line =
      std::count(text_.begin(), text_.begin() + static_cast<long>(position), '\n') + 1;
  return file_ + ":" + std::to_string(line);
}

std::vector<std::string> TaskReader::tensor_names(bool outputs) const {
  std::vector<std::string> names;
  for (const TensorSpec& tensor : task_.tensors) {
    if (tensor.io == Io::inout || (tensor.io == Io::out) == outputs) names.push_back(tensor.name);
  }
  return names;
}

}  // namespace kbench
