#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "harness/task.hpp"
#include "results/scores.hpp"
#include "search/model_attempts.hpp"

namespace kbench {

namespace {

struct ScoreRequest {
  std::vector<int64_t> campaigns;
  std::string by = "model", tasks;
  bool csv = false;
  ScoreOptions options;
};

using Key = std::string (*)(const Attempt&);
const std::map<std::string, Key>& keys() {
  static const std::map<std::string, Key> kKeys = {
      {"all", [](const Attempt&) { return std::string("all"); }},
      {"category", [](const Attempt& attempt) { return attempt.category; }},
      {"language", [](const Attempt& attempt) { return attempt.language; }},
      {"model", [](const Attempt& attempt) { return attempt.model; }},
      {"task", [](const Attempt& attempt) { return attempt.task; }},
  };
  return kKeys;
}

Result<void> check_campaigns(const Store& store, const std::vector<int64_t>& asked) {
  for (const int64_t id : asked) {
    auto record = store.campaign(id);
    if (!record) return tl::unexpected(record.error());
    if (!*record) {
      return bad_input(fmt::format("no campaign {}", id), "--campaign",
                       "'kbench campaigns' lists them");
    }
  }
  return {};
}

void add_categories(std::vector<Attempt>& attempts, const std::string& folder) {
  const auto tasks = load_tasks(folder);
  for (Attempt& attempt : attempts) {
    const auto task = tasks.find(attempt.task);
    attempt.category = task != tasks.end() && task->second ? task->second->category : "unknown";
  }
}

// JSON has no infinity: null, as for what is not known.
nlohmann::json json_of(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json json_of(const Share& share) {
  return {{"value", json_of(share.value)},
          {"low", json_of(share.low)},
          {"high", json_of(share.high)},
          {"hits", share.hits},
          {"of", share.all}};
}

nlohmann::json json_of(const std::vector<PrecheckGroup>& groups) {
  nlohmann::json list = nlohmann::json::array();
  for (const PrecheckGroup& group : groups) {
    nlohmann::json scores = nlohmann::json::object();
    for (const PrecheckScore& score : group.scores) {
      scores[score.question] = {{"precision", json_of(score.precision)},
                                {"recall", json_of(score.recall)}};
    }
    list.push_back({{"model", group.model}, {"judged", group.judged}, {"scores", scores}});
  }
  return list;
}

nlohmann::json json_of(const std::vector<ScoreGroup>& groups,
                       const std::vector<PrecheckGroup>& prechecks, const ScoreRequest& request) {
  nlohmann::json list = nlohmann::json::array();
  for (const ScoreGroup& group : groups) {
    nlohmann::json scores = nlohmann::json::object();
    for (const Score& score : group.scores) {
      scores[score.name] = {{"value", json_of(score.value)},
                            {"low", json_of(score.low)},
                            {"high", json_of(score.high)}};
    }
    list.push_back({{request.by, group.name},
                    {"exercises", group.exercises},
                    {"solved", group.solved},
                    {"attempts", group.attempts},
                    {"right", group.right},
                    {"confirmed", group.confirmed},
                    {"lone", group.lone},
                    {"scores", scores}});
  }
  return {{"by", request.by},
          {"seed", request.options.seed},
          {"resamples", request.options.resamples},
          {"confidence", request.options.confidence},
          {"censor", request.options.censor},
          {"groups", list},
          {"prechecks", json_of(prechecks)}};
}

std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) quoted += letter == '"' ? "\"\"" : std::string(1, letter);
  return quoted + "\"";
}

std::string csv_of(const std::vector<ScoreGroup>& groups, const ScoreRequest& request) {
  auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : std::string();
  };
  std::string text = request.by + ",exercises,solved,attempts,right,score,value,low,high\n";
  for (const ScoreGroup& group : groups) {
    for (const Score& score : group.scores) {
      text += fmt::format("{},{},{},{},{},{},{},{},{}\n", field(group.name), group.exercises,
                          group.solved, group.attempts, group.right, score.name,
                          number(score.value), number(score.low), number(score.high));
    }
  }
  return text;
}

std::string figure(const Score& score, double value) {
  if (std::isinf(value)) return "never";
  if (score.name.starts_with("cost")) return fmt::format("{:.4g} usd", value);
  if (score.name.starts_with("energy")) return fmt::format("{:.4g} J", value);
  if (score.name.ends_with("speedup")) return fmt::format("{:.2f}x", value);
  return score.name == "dps" ? fmt::format("{:.1f}", value) : fmt::format("{:.3f}", value);
}

void print(const ScoreGroup& group) {
  fmt::print("{}  {} attempts at {} exercises: {} right, {} confirmed, {} exercises solved\n",
             paint(group.name, Colour::bold), group.attempts, group.exercises, group.right,
             group.confirmed, group.solved);
  Table table({"score", "value", "interval"},
              {Table::Align::left, Table::Align::right, Table::Align::left});
  for (const Score& score : group.scores) {
    table.add({score.name, score.value ? figure(score, *score.value) : "-",
               score.low
                   ? fmt::format("[{}, {}]", figure(score, *score.low), figure(score, *score.high))
                   : ""});
  }
  fmt::print("{}", table.text());
  if (group.lone > 0) {
    fmt::print(
        "{} {} of {} attempts answered a question asked once: pass@k, fast_p and eff@k take "
        "attempts\n      for answers to the same question, as --arm best_of_n asks it\n",
        paint("note:", Colour::yellow), group.lone, group.attempts);
  }
  fmt::print("\n");
}

void print(const PrecheckGroup& group) {
  fmt::print("{}  {} kernels foretold and judged\n",
             paint(group.model + ", pre-check", Colour::bold), group.judged);
  Table table({"said no to", "precision", "recall"}, {Table::Align::left});
  auto text = [](const Share& share) {
    if (!share.value) return std::string("-");
    return fmt::format("{:.3f} [{:.3f}, {:.3f}] of {}", *share.value, *share.low, *share.high,
                       share.all);
  };
  for (const PrecheckScore& score : group.scores) {
    table.add({score.question, text(score.precision), text(score.recall)});
  }
  fmt::print("{}\n", table.text());
}

int run_score(const ScoreRequest& request, const GlobalOptions& global) {
  auto store = Store::open(global.database, OpenMode::read_only);
  if (!store) return report(store.error(), global);
  if (auto known = check_campaigns(**store, request.campaigns); !known) {
    return report(known.error(), global);
  }
  auto attempts = scored_attempts(**store, request.campaigns);
  if (!attempts) {
    Error error = attempts.error();
    if (error.where.empty()) error.where = global.database;
    return report(error, global);
  }
  auto judged = judged_prechecks(**store, request.campaigns);
  if (!judged) return report(judged.error(), global);
  const auto prechecks = precheck_scores(*judged);
  add_categories(*attempts, tasks_folder(request.tasks));
  const auto groups = scores_by(*attempts, keys().at(request.by), request.options);
  if (global.json) {
    fmt::print("{}\n", json_of(groups, prechecks, request).dump());
  } else if (request.csv) {
    fmt::print("{}", csv_of(groups, request));
  } else {
    for (const ScoreGroup& group : groups) print(group);
    for (const PrecheckGroup& group : prechecks) print(group);
    fmt::print(
        "{:.0f} % intervals: {} bootstrap resamples, seed {}; docs/scores.md explains each "
        "score\n",
        100 * request.options.confidence, request.options.resamples, request.options.seed);
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto request = std::make_shared<ScoreRequest>();
  ScoreOptions& options = request->options;
  std::vector<std::string> names;
  for (const auto& [name, key] : keys()) names.push_back(name);
  app.add_option("--campaign", request->campaigns, "Only this one; repeatable")
      ->check(whole_number(1));
  app.add_option("--by", request->by, "What groups: all, category, language, model or task")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  app.add_option("--k", options.ks, "Attempts, of pass@k and eff@k")
      ->delimiter(',')
      ->check(whole_number(1))
      ->capture_default_str();
  app.add_option("--p", options.ps, "Speed-ups over the anchor, of fast_p")
      ->delimiter(',')
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--censor", options.censor,
                 "Times of the anchor from which on eff@k counts a kernel as nothing")
      ->check(CLI::Range(1.01, 1e6))
      ->capture_default_str();
  app.add_option("--resamples", options.resamples, "Of the bootstrap")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of the bootstrap")
      ->check(whole_number(0))
      ->capture_default_str();
  app.add_flag("--csv", request->csv, "One line a score instead of tables");
  app.add_option("--tasks", request->tasks, "Folder of tasks");
  app.footer(
      "What language models achieved, by the measures of the field, each with an interval; "
      "docs/scores.md has the formulas.\nExamples:\n"
      "  kbench score\n"
      "  kbench score --campaign 3 --campaign 4 --by category\n"
      "  kbench score --k 1,10 --p 1,2,4 --csv > scores.csv");
  return [request, &global] { return run_score(*request, global); };
}

const bool kRegistered =
    commands().add("score", {"What language models achieved, and at what cost", declare});

}  // namespace

}  // namespace kbench
