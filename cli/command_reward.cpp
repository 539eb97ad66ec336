#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/line_input.hpp"
#include "cli/source_judge.hpp"
#include "results/score_estimators.hpp"
#include "search/models/reply.hpp"

namespace kbench {

namespace {

using nlohmann::json;

constexpr size_t kLongestLine = size_t{8} << 20;

std::atomic<bool> stop_requested{false};

// What is under way is judged and answered; a second signal does not wait.
void request_stop(int) {
  if (stop_requested.exchange(true)) _exit(static_cast<int>(ErrorKind::interrupted));
}

// A line's wish; `miss` says why its reply holds no kernel.
struct Wish {
  SourceRequest request;
  std::optional<Miss> miss;
};

Result<std::string> text_of(const json& line, const char* field) {
  if (!line.contains(field)) return std::string();
  if (line[field].is_string()) return line[field].get<std::string>();
  return bad_input(fmt::format("'{}' is no text", field));
}

Result<Wish> wish_of(const json& line) {
  Wish wish;
  std::string reply, parent;
  const std::pair<const char*, std::string*> fields[] = {{"task", &wish.request.task},
                                                         {"problem", &wish.request.problem},
                                                         {"params", &wish.request.params},
                                                         {"source", &wish.request.source},
                                                         {"reply", &reply},
                                                         {"parent", &parent}};
  for (const auto& [field, value] : fields) {
    auto text = text_of(line, field);
    if (!text) return tl::unexpected(text.error());
    *value = std::move(*text);
  }
  if (wish.request.task.empty()) return bad_input("there is no 'task'");
  if (line.contains("source") == line.contains("reply")) {
    return bad_input("a line has either 'source' or 'reply'");
  }
  if (line.contains("reply")) {
    auto kernel = kernel_text(reply, parent);
    if (!kernel) wish.miss = kernel.error();
    wish.request.source = kernel.value_or("");
  }
  return wish;
}

json answer_of(const Confirmation& confirmation) {
  const Evaluation& evaluation = confirmation.evaluation;
  json answer = {
      {"outcome", name_of(evaluation.outcome)}, {"message", evaluation.message}, {"reward", 0.0}};
  if (!evaluation.rule.empty()) answer["rule"] = evaluation.rule;
  const std::optional<Comparison>& against = confirmation.against_anchor;
  if (evaluation.outcome == Outcome::ok && !against) {
    return {{"error",
             {{"what", "the anchor could not be judged"},
              {"hint", evaluation.notes.empty() ? "" : evaluation.notes.back()}}}};
  }
  if (evaluation.outcome != Outcome::ok) return answer;
  answer["speedup"] = 1 / against->ratio;
  answer["low"] = 1 / against->high;
  answer["high"] = 1 / against->low;
  answer["reward"] = reward_of_right(1 / against->high);
  return answer;
}

json error_of(const Error& error) {
  return {{"error", {{"what", error.what}, {"where", error.where}, {"hint", error.hint}}}};
}

json judged(const json& line, SourceJudge& judge) {
  auto wish = wish_of(line);
  if (!wish) return error_of(wish.error());
  // The task and problem must be right, whatever the reply.
  SourceRequest request = wish->request;
  if (wish->miss) request.source = "naive";
  auto subject = judge.subject(request, "reward.cpp");
  if (!subject) return error_of(subject.error());
  if (wish->miss) {
    return {
        {"outcome", name_of(wish->miss->kind)}, {"message", wish->miss->message}, {"reward", 0.0}};
  }
  auto confirmation = judge.confirm(*subject);
  if (!confirmation) return error_of(confirmation.error());
  return answer_of(*confirmation);
}

json answer_to(const LineInput::Line& line, SourceJudge& judge) {
  json answer;
  if (line.too_long) {
    answer = error_of({ErrorKind::bad_input, fmt::format("longer than {} bytes", kLongestLine)});
  } else if (const json given = json::parse(line.text, nullptr, false); !given.is_object()) {
    answer = error_of({ErrorKind::bad_input, "no JSON object", {}, "UTF-8, one object a line"});
  } else {
    answer = judged(given, judge);
    const json id = given.value("id", json());
    if (id.is_string() || id.is_number()) answer["id"] = id;
  }
  answer["line"] = line.number;
  return answer;
}

int run_reward(const std::string& tasks) {
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  std::signal(SIGPIPE, SIG_IGN);  // the end of the reader shows when writing
  SourceJudge judge(tasks);
  LineInput input(STDIN_FILENO, kLongestLine, stop_requested);
  while (const auto line = input.next()) {
    if (line->text.empty()) continue;
    fmt::print("{}\n", line_of(answer_to(*line, judge)));
    if (std::fflush(stdout) != 0) return 0;  // main says so
  }
  return stop_requested ? static_cast<int>(ErrorKind::interrupted) : 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions&) {
  auto tasks = std::make_shared<std::string>();
  app.add_option("--tasks", *tasks, "Folder of tasks");
  app.footer(
      "Reads one JSON object a line and answers each by one, in order, as long as there is input: "
      "for a trainer. A kernel is judged as for a confirmation, beside the task's reference; "
      "docs/scores.md describes lines and reward.\n"
      "Ctrl-C: what is under way is still answered.\nExamples:\n"
      "  kbench reward < replies.jsonl > rewards.jsonl\n"
      "  echo '{\"id\": 1, \"task\": \"softmax\", \"source\": \"...\"}' | kbench reward");
  return [tasks] { return run_reward(*tasks); };
}

const bool kRegistered =
    commands().add("reward", {"Judge JSON lines of kernels or replies for a trainer", declare});

}  // namespace

}  // namespace kbench
