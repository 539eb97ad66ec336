#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/task.hpp"

namespace kbench {

// Turns the text of a task.json into a Task. Keeps the first error, with the line of the field it
// is about, so that reading goes straight down the file.
class TaskReader {
 public:
  using Json = nlohmann::ordered_json;
  using Path = std::vector<std::string>;  // of keys, from the top

  // `file` is what errors name: "tasks/normalisation/softmax/task.json".
  TaskReader(std::string text, std::string file);

  // Everything but name, category, folder and reference.
  Result<Task> read();

 private:
  void read_words(const Json& json);
  void read_dims(const Json& json);
  void read_tensors(const Json& json);
  void read_tensor(const std::string& name, const Json& json);
  void read_scalars(const Json& json);
  void read_variants(const Json& json);
  void read_variant(const std::string& name, const Json& json);
  void read_fills(const Json& json);
  void read_fill_rule(const std::string& fill, const std::string& targets, const std::string& rule,
                      std::vector<FillRule>& rules);
  void complete_fill(Fill& fill, const std::string& rest);
  void read_groups(const Json& json);
  void read_comparators(const Json& json);
  void read_comparator(const std::string& output, const std::string& text);
  void read_work(const Json& json);
  void read_problems(const Json& json);
  void read_held_out(const Json& json);

  std::string text_at(const Json& json, const Path& path);
  Expr expression(const std::string& text, const Path& path, bool element_sizes = false);
  DType dtype(const std::string& name, const Path& path);
  void check_keys(const Json& json, const Path& path, const std::vector<std::string>& known);
  bool expect_object(const Json& json, const Path& path);
  void fail(const Path& path, std::string what, std::string hint = {});
  // "task.json:12": the line on which the last key of the path is written.
  std::string where(const Path& path) const;

  std::vector<std::string> tensor_names(bool outputs) const;

  std::string text_, file_;
  Task task_;
  std::map<std::string, DType, std::less<>> fixed_dtypes_;  // written in the tensor's own line
  std::optional<Error> error_;
};

}  // namespace kbench
