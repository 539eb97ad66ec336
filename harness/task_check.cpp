#include "harness/task_check.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "core/text.hpp"

namespace kbench {

namespace {

constexpr double kMostOperations = 1e8;
// Fewer output elements may be alike, or equal to a shortcut, on any task.
constexpr int64_t kTellingElements = 16;

// An answer that costs nothing: what element i of an output would be.
struct Shortcut {
  std::string name;  // "zeros", "a copy of x"
  std::function<double(int64_t)> element;
};

// One problem with a set for each fill, whose outputs can be written as a kernel would.
class Trial {
 public:
  Trial(BenchSession& session, ProblemContext& context)
      : arena_(session.arena()), context_(context), task_(context.task()) {}

  int sets() const { return context_.ring().sets(); }
  int64_t elements(size_t tensor) const { return context_.ring().shapes()[tensor].elements; }
  DType dtype(size_t tensor) const { return context_.ring().shapes()[tensor].dtype; }
  // As the reference reads it; null for outputs.
  void* input(int set, size_t tensor) const {
    return arena_.at(context_.ring().reference_regions(set)[tensor]);
  }
  void write(int set, size_t tensor, const std::function<double(int64_t)>& element) const {
    void* data = arena_.at(context_.ring().worker_regions(set)[tensor]);
    for (int64_t i = 0; i < elements(tensor); ++i) {
      store_from_double(data, dtype(tensor), i, element(i));
    }
  }
  // The reference's own answer, rounded to what the outputs store.
  Judged<void> answer(int set) const {
    auto expected = context_.expected(set);
    if (!expected) return tl::unexpected(expected.error());
    for (size_t t = 0; t < task_.tensors.size(); ++t) {
      const std::vector<double>& values = (*expected)->values[t];
      if (values.empty()) continue;
      write(set, t, [&](int64_t i) { return values[static_cast<size_t>(i)]; });
    }
    return {};
  }
  bool telling(size_t tensor) const {
    return task_.tensors[tensor].io != Io::in && elements(tensor) >= kTellingElements;
  }
  ProblemContext& context() const { return context_; }
  const Task& task() const { return task_; }

 private:
  Arena& arena_;
  ProblemContext& context_;
  const Task& task_;
};

// The reference's answer must be taken, and be the same slice by slice.
Judged<void> agrees_with_itself(const Trial& trial, std::mt19937_64& random) {
  constexpr int kSlices = 8;
  for (int set = 0; set < trial.sets(); ++set) {
    if (auto written = trial.answer(set); !written) return written;
    if (auto taken = trial.context().check_all(set); !taken) {
      return fault(Outcome::wrong_result, "bound",
                   "the reference's own answer is refused: " + taken.error().message);
    }
    if (auto alike = trial.context().check_some(set, kSlices, random); !alike) {
      return fault(Outcome::wrong_result, "slices",
                   "the reference disagrees with itself between slices: " + alike.error().message);
    }
  }
  return {};
}

double mean_of(const void* data, DType type, int64_t elements) {
  double sum = 0;
  for (int64_t i = 0; i < elements; ++i) sum += load_as_double(data, type, i);
  return elements > 0 ? sum / static_cast<double>(elements) : 0;
}

std::vector<Shortcut> shortcuts(const Trial& trial, int set) {
  std::vector<Shortcut> list = {{"zeros", [](int64_t) { return 0.0; }}};
  for (size_t t = 0; t < trial.task().tensors.size(); ++t) {
    const TensorSpec& tensor = trial.task().tensors[t];
    const int64_t elements = trial.elements(t);
    if (tensor.io == Io::out || elements == 0) continue;
    const void* data = trial.input(set, t);
    const DType type = trial.dtype(t);
    list.push_back({"a copy of " + tensor.name,
                    [=](int64_t i) { return load_as_double(data, type, i % elements); }});
    list.push_back({"the mean of " + tensor.name,
                    [mean = mean_of(data, type, elements)](int64_t) { return mean; }});
  }
  return list;
}

// Shortcuts that pass as `tensor` on every set of the problem, the other outputs being right.
Judged<std::set<std::string>> taken_shortcuts(const Trial& trial, size_t tensor) {
  std::set<std::string> taken;
  for (int set = 0; set < trial.sets(); ++set) {
    if (auto right = trial.answer(set); !right) return tl::unexpected(right.error());
    const double first = (*trial.context().expected(set))->values[tensor].front();
    std::vector<Shortcut> tried = shortcuts(trial, set);
    tried.push_back({"one value everywhere", [first](int64_t) { return first; }});
    std::set<std::string> passed;
    for (const Shortcut& shortcut : tried) {
      if (set > 0 && !taken.contains(shortcut.name)) continue;
      trial.write(set, tensor, shortcut.element);
      if (trial.context().check_all(set)) passed.insert(shortcut.name);
    }
    taken = std::move(passed);
    if (taken.empty()) break;
  }
  return taken;
}

// Tensors that a fill makes together, so that they agree with each other, are changed together.
std::string name_of_inputs(const FillRule& rule) {
  std::string text;
  for (const std::string& tensor : rule.tensors) text += (text.empty() ? "" : ", ") + tensor;
  return text;
}

// Whether any output depends on what a rule of the set's fill writes.
Judged<bool> matters(const Trial& trial, int set, const FillRule& rule, uint64_t seed) {
  ProblemContext& context = trial.context();
  context.refill(set, context.seed(set));
  if (auto right = trial.answer(set); !right) return tl::unexpected(right.error());
  std::vector<void*> changed(trial.task().tensors.size(), nullptr);
  for (size_t t = 0; t < changed.size(); ++t) {
    const std::string& name = trial.task().tensors[t].name;
    if (contains(rule.tensors, name)) changed[t] = trial.input(set, t);
  }
  auto filled = fill_inputs(trial.task(), context.problem(set), seed, changed);
  if (!filled) return fault(Outcome::internal_error, "fill", filled.error().text());
  context.forget(set);
  return !context.check_all(set).has_value();
}

Judged<std::vector<TaskFlaw>> ignored_inputs(const Trial& trial, std::mt19937_64& random) {
  std::set<std::string> ignored, used;
  for (int set = 0; set < trial.sets(); ++set) {
    const Fill* fill = trial.task().fill(trial.context().problem(set).fill);
    for (const FillRule& rule : fill->rules) {
      const std::string name = name_of_inputs(rule);
      if (used.contains(name)) continue;
      auto found = matters(trial, set, rule, random());
      if (!found) return tl::unexpected(found.error());
      (*found ? used : ignored).insert(name);
    }
  }
  std::vector<TaskFlaw> flaws;
  for (const std::string& name : ignored) {
    if (!used.contains(name)) flaws.push_back({"ignored_input", "no output depends on " + name});
  }
  return flaws;
}

// Kernels err at one row, one column, and past the last whole vector or tile.
std::vector<TaskFlaw> shapes_without_edges(const Task& task) {
  std::vector<TaskFlaw> flaws;
  for (const std::string& dim : task.dims) {
    bool tail = false;
    int64_t least = INT64_MAX, most = 0;
    for (const Problem& problem : task.verify) {
      const int64_t extent = problem.dims.find(dim)->second;
      tail = tail || (extent & (extent - 1)) != 0;
      least = std::min(least, extent);
      most = std::max(most, extent);
    }
    if (least == most) {
      flaws.push_back({"shapes", "every verification problem has " + dim + "=" +
                                     std::to_string(least) + ": vary it, with its least value"});
    } else if (!tail) {
      flaws.push_back(
          {"shapes",
           "every " + dim + " of the verification problems is a power of two: no tail is met"});
    }
  }
  return flaws;
}

// Over all fills, values of an input must differ enough that what they do to the answer shows.
std::vector<TaskFlaw> values_without_edges(const Trial& trial) {
  std::vector<TaskFlaw> flaws;
  for (size_t t = 0; t < trial.task().tensors.size(); ++t) {
    const TensorSpec& tensor = trial.task().tensors[t];
    if (tensor.io == Io::out || trial.elements(t) < kTellingElements) continue;
    std::set<double> values;
    for (int set = 0; set < trial.sets(); ++set) {
      for (int64_t i = 0; i < trial.elements(t) && values.size() < 3; ++i) {
        values.insert(load_as_double(trial.input(set, t), trial.dtype(t), i));
      }
    }
    if (values.size() < 3) {
      flaws.push_back({"values", "the fills give " + tensor.name + " only " +
                                     std::to_string(values.size()) +
                                     (values.size() == 1 ? " value" : " values")});
    }
  }
  return flaws;
}

// The largest of the task's problems that the reference answers at once.
Problem telling_problem(const Task& task, const Variant& variant) {
  std::vector<Problem> all = task.verify;
  for (const auto* more : {&task.smoke, &task.tune, &task.bench}) {
    all.insert(all.end(), more->begin(), more->end());
  }
  Problem best = all.front();
  double most = -1;
  for (Problem& problem : all) {
    problem.variant = variant.name;
    problem.cache = CacheMode::warm;
    const double work = std::max(flops_of(task, problem).value_or(INFINITY),
                                 bytes_of(task, problem).value_or(INFINITY));
    if (work <= most || work > kMostOperations) continue;
    most = work;
    best = problem;
  }
  return best;
}

class TaskCheck {
 public:
  TaskCheck(BenchSession& session, const Task& task) : session_(session), task_(task) {}

  std::vector<TaskFlaw> run() {
    add(shapes_without_edges(task_));
    for (const Variant& variant : task_.variants) {
      auto done = check(variant);
      if (!done) add({{done.error().rule, done.error().message}});
    }
    return std::move(flaws_);
  }

 private:
  void add(const std::vector<TaskFlaw>& found) {
    for (const TaskFlaw& flaw : found) {
      if (std::find(flaws_.begin(), flaws_.end(), flaw) == flaws_.end()) flaws_.push_back(flaw);
    }
  }

  Judged<void> check(const Variant& variant) {
    Problem problem = telling_problem(task_, variant);
    auto ladder = session_.ladder(task_, problem);
    if (!ladder) return fault(Outcome::internal_error, "reference", ladder.error().text());
    for (ProblemContext* rung : *ladder) {
      const Trial trial(session_, *rung);
      if (auto sound = agrees_with_itself(trial, session_.random()); !sound) return sound;
    }
    std::vector<std::string> fills;
    for (const Fill& fill : task_.fills) fills.push_back(fill.name);
    problem.fill = task_.fills.front().name;
    auto context = session_.open_once(task_, problem, {static_cast<int>(fills.size()), fills});
    if (!context) return fault(Outcome::internal_error, "reference", context.error().text());
    return check_telling(Trial(session_, **context));
  }

  Judged<void> check_telling(const Trial& trial) {
    if (auto sound = agrees_with_itself(trial, session_.random()); !sound) return sound;
    add(values_without_edges(trial));
    for (size_t t = 0; t < task_.tensors.size(); ++t) {
      if (!trial.telling(t)) continue;
      auto taken = taken_shortcuts(trial, t);
      if (!taken) return tl::unexpected(taken.error());
      for (const std::string& shortcut : *taken) {
        add({{"shortcut", shortcut + " would pass as " + task_.tensors[t].name + " on " +
                              trial.context().problem().canonical() + " with every fill"}});
      }
    }
    auto ignored = ignored_inputs(trial, session_.random());
    if (!ignored) return tl::unexpected(ignored.error());
    add(*ignored);
    return {};
  }

  BenchSession& session_;
  const Task& task_;
  std::vector<TaskFlaw> flaws_;
};

}  // namespace

std::vector<TaskFlaw> check_task(BenchSession& session, const Task& task) {
  return TaskCheck(session, task).run();
}

}  // namespace kbench
