#include "results/scores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "results/score_estimators.hpp"

namespace kbench {

namespace {

constexpr size_t kSuggestions = 10;  // that proficiency looks at

using Exercise = std::vector<const Attempt*>;
using Exercises = std::vector<const Exercise*>;
using Value = std::optional<double>;

struct Metric {
  std::string name;
  bool over_attempts = true;  // whether the bootstrap draws attempts, or exercises alone
  std::function<Value(const Exercises&)> value;
};

// The mean over exercises of what `one` makes of each; nothing where one of them has nothing.
template <class One>
std::function<Value(const Exercises&)> mean_of(One one) {
  return [one](const Exercises& exercises) -> Value {
    double sum = 0;
    for (const Exercise* exercise : exercises) {
      const Value value = one(*exercise);
      if (!value) return {};
      sum += *value;
    }
    return sum / static_cast<double>(exercises.size());
  };
}

// The same over those exercises that have something.
template <class One>
std::function<Value(const Exercises&)> mean_of_some(One one) {
  return [one](const Exercises& exercises) -> Value {
    double sum = 0;
    int count = 0;
    for (const Exercise* exercise : exercises) {
      const Value value = one(*exercise);
      if (!value) continue;
      sum += *value;
      ++count;
    }
    return count == 0 ? Value{} : sum / count;
  };
}

std::function<Value(const Exercises&)> exponential(std::function<Value(const Exercises&)> inner) {
  return [inner = std::move(inner)](const Exercises& exercises) -> Value {
    const Value value = inner(exercises);
    return value ? Value(std::exp(*value)) : Value{};
  };
}

Value faster_at_k(const Exercise& exercise, double p, int64_t k) {
  const auto n = static_cast<int64_t>(exercise.size());
  if (n < k) return {};
  const auto fast = std::count_if(exercise.begin(), exercise.end(), [&](const Attempt* attempt) {
    return attempt->right && attempt->speedup > p;
  });
  return pass_at_k(n, fast, k);
}

Value efficiency_at_k(const Exercise& exercise, double censor, int64_t k) {
  if (static_cast<int64_t>(exercise.size()) < k) return {};
  std::vector<double> values;
  for (const Attempt* attempt : exercise) {
    values.push_back(attempt->right ? efficiency(attempt->speedup, censor) : 0);
  }
  return best_of_k(std::move(values), k);
}

// The mean of something over the right attempts.
template <class Of>
Value mean_of_right(const Exercise& exercise, Of of) {
  double sum = 0;
  int count = 0;
  for (const Attempt* attempt : exercise) {
    if (!attempt->right) continue;
    sum += of(*attempt);
    ++count;
  }
  return count == 0 ? Value{} : sum / count;
}

Value log_of_best(const Exercise& exercise) {
  double best = 1;  // the anchor stays where nothing is faster
  for (const Attempt* attempt : exercise) best = std::max(best, attempt->speedup);
  return std::log(best);
}

// Of the confirmed kernels whose energy was measured.
Value log_of_energy(const Exercise& exercise) {
  double sum = 0;
  int count = 0;
  for (const Attempt* attempt : exercise) {
    if (!attempt->call_joules) continue;
    sum += std::log(*attempt->call_joules);
    ++count;
  }
  return count == 0 ? Value{} : sum / count;
}

Value proficiency_of(const Exercise& exercise) {
  std::vector<Suggestion> suggestions;
  std::set<std::string> seen;
  for (size_t i = 0; i < std::min(exercise.size(), kSuggestions); ++i) {
    const Attempt& attempt = *exercise[i];
    if (attempt.code.empty()) continue;
    suggestions.push_back({attempt.right, attempt.in_form, seen.insert(attempt.code).second});
  }
  return proficiency(suggestions);
}

// Money for a right one: infinite where none was right, nothing where a price is not known.
Value cost_of_pass(const Exercise& exercise) {
  double usd = 0;
  int right = 0;
  for (const Attempt* attempt : exercise) {
    if (!attempt->usd) return {};
    usd += *attempt->usd;
    right += attempt->right ? 1 : 0;
  }
  return right == 0 ? std::numeric_limits<double>::infinity() : usd / right;
}

Value pooled_cost(const Exercises& exercises) {
  Exercise all;
  for (const Exercise* exercise : exercises) {
    all.insert(all.end(), exercise->begin(), exercise->end());
  }
  return cost_of_pass(all);
}

std::vector<Metric> metrics_of(const ScoreOptions& options) {
  std::vector<Metric> metrics;
  for (const int64_t k : options.ks) {
    metrics.push_back({fmt::format("pass@{}", k), true, mean_of([k](const Exercise& exercise) {
                         return faster_at_k(exercise, 0, k);
                       })});
  }
  for (const double p : options.ps) {
    metrics.push_back({fmt::format("fast_{}", p), true, mean_of([p](const Exercise& exercise) {
                         return faster_at_k(exercise, p, 1);
                       })});
  }
  for (const int64_t k : options.ks) {
    metrics.push_back({fmt::format("eff@{}", k), true,
                       mean_of([k, censor = options.censor](const Exercise& exercise) {
                         return efficiency_at_k(exercise, censor, k);
                       })});
  }
  metrics.push_back({"speedup", true, exponential(mean_of_some([](const Exercise& exercise) {
                       return mean_of_right(exercise, [](const Attempt& attempt) {
                         return std::log(attempt.speedup);
                       });
                     }))});
  metrics.push_back({"best_speedup", false, exponential(mean_of(log_of_best))});
  metrics.push_back({"dps", true, mean_of_some([](const Exercise& exercise) {
                       return mean_of_right(exercise,
                                            [](const Attempt& attempt) { return attempt.dps; });
                     })});
  metrics.push_back({"proficiency", false, mean_of(proficiency_of)});
  metrics.push_back({"energy_per_result", true, exponential(mean_of_some(log_of_energy))});
  metrics.push_back({"cost_of_pass", true, mean_of(cost_of_pass)});
  metrics.push_back({"cost_pooled", true, pooled_cost});
  return metrics;
}

// Attempts by exercise, in the order they were made.
std::vector<Exercise> exercises_of(const std::vector<const Attempt*>& attempts) {
  std::map<std::string, Exercise> by_name;
  for (const Attempt* attempt : attempts) by_name[attempt->exercise].push_back(attempt);
  std::vector<Exercise> exercises;
  for (auto& [name, exercise] : by_name) {
    std::sort(exercise.begin(), exercise.end(), [](const Attempt* a, const Attempt* b) {
      return std::tie(a->campaign, a->number) < std::tie(b->campaign, b->number);
    });
    exercises.push_back(std::move(exercise));
  }
  return exercises;
}

int lone_of(const std::vector<Exercise>& exercises) {
  int lone = 0;
  for (const Exercise& exercise : exercises) {
    std::map<std::string, int> asked;
    for (const Attempt* attempt : exercise) ++asked[attempt->question];
    for (const auto& [question, count] : asked) lone += count == 1 ? 1 : 0;
  }
  return lone;
}

class Bootstrap {
 public:
  Bootstrap(const std::vector<Exercise>& exercises, const ScoreOptions& options)
      : exercises_(exercises), options_(options) {}

  // Exercises drawn with replacement, and, where asked for, attempts in each.
  void fill(Score& score, const Metric& metric) const {
    std::mt19937_64 random(options_.seed);
    auto draw = [&](size_t below) { return ((random() >> 32) * below) >> 32; };
    std::vector<double> values;
    std::vector<Exercise> drawn(exercises_.size());
    for (int i = 0; i < options_.resamples; ++i) {
      Exercises sample;
      for (Exercise& exercise : drawn) {
        const Exercise& from = exercises_[draw(exercises_.size())];
        exercise = from;
        if (metric.over_attempts) {
          for (const Attempt*& attempt : exercise) attempt = from[draw(from.size())];
        }
        sample.push_back(&exercise);
      }
      if (const Value value = metric.value(sample)) values.push_back(*value);
    }
    if (values.empty()) return;
    std::sort(values.begin(), values.end());
    auto nearest = [&](double share) {  // a cost may be infinite: nothing to interpolate
      return values[static_cast<size_t>(
          std::lround(share * static_cast<double>(values.size() - 1)))];
    };
    score.low = nearest((1 - options_.confidence) / 2);
    score.high = nearest((1 + options_.confidence) / 2);
  }

 private:
  const std::vector<Exercise>& exercises_;
  const ScoreOptions& options_;
};

ScoreGroup group_of(const std::string& name, const std::vector<const Attempt*>& attempts,
                    const ScoreOptions& options) {
  const std::vector<Exercise> exercises = exercises_of(attempts);
  ScoreGroup group;
  group.name = name;
  group.exercises = static_cast<int>(exercises.size());
  group.attempts = static_cast<int>(attempts.size());
  for (const Attempt* attempt : attempts) {
    group.right += attempt->right ? 1 : 0;
    group.confirmed += attempt->confirmed ? 1 : 0;
  }
  group.lone = lone_of(exercises);
  group.solved = static_cast<int>(
      std::count_if(exercises.begin(), exercises.end(), [](const Exercise& exercise) {
        return std::any_of(exercise.begin(), exercise.end(),
                           [](const Attempt* attempt) { return attempt->right; });
      }));
  Exercises all;
  for (const Exercise& exercise : exercises) all.push_back(&exercise);
  const Bootstrap bootstrap(exercises, options);
  for (const Metric& metric : metrics_of(options)) {
    Score score{metric.name, metric.value(all), {}, {}};
    if (score.value) bootstrap.fill(score, metric);
    group.scores.push_back(std::move(score));
  }
  return group;
}

}  // namespace

std::vector<ScoreGroup> scores_by(const std::vector<Attempt>& attempts,
                                  const std::function<std::string(const Attempt&)>& key,
                                  const ScoreOptions& options) {
  std::map<std::string, std::vector<const Attempt*>> by_key;
  for (const Attempt& attempt : attempts) by_key[key(attempt)].push_back(&attempt);
  std::vector<ScoreGroup> groups;
  for (const auto& [name, members] : by_key) groups.push_back(group_of(name, members, options));
  return groups;
}

}  // namespace kbench
