#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/command.hpp"
#include "cli/exploit.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "core/paths.hpp"
#include "harness/judge_server.hpp"

namespace kbench {

namespace {

struct SelftestOptions {
  std::string suite, folder, only;
};

// A judge that is started again when it dies: that it died is a finding, not the end of the test.
class SteadyJudge {
 public:
  Result<Evaluation> judge(const Exploit& exploit) {
    if (!client_) {
      auto started = JudgeClient::start({});
      if (!started) return tl::unexpected(started.error());
      client_ = std::move(*started);
    }
    auto evaluation = ask(exploit);
    if (!evaluation) client_.reset();
    return evaluation;
  }

 private:
  Result<Evaluation> ask(const Exploit& exploit) {
    if (exploit.after) {
      client_->ask({0, *exploit.after, exploit.problem, "cpu", Evidence::screened, 0});
      if (auto before = client_->next(); !before) return before;
    }
    if (exploit.until == Evidence::confirmed) {
      auto confirmed = client_->confirm(
          {1, exploit.candidate, exploit.honest, exploit.honest, exploit.problem, "cpu", 1, 0});
      if (!confirmed) return tl::unexpected(confirmed.error());
      return confirmed->evaluation;
    }
    client_->ask(
        {1, exploit.candidate, exploit.problem, "cpu", exploit.until, exploit.incumbent_ns});
    return client_->next();
  }

  std::unique_ptr<JudgeClient> client_;
};

struct Finding {
  std::string name;
  Evaluation evaluation;  // outcome internal_error: the judge itself failed
  bool caught = false;
};

Finding judge_exploit(SteadyJudge& judge, const Exploit& exploit) {
  Finding finding{exploit.name, {}, false};
  auto evaluation = judge.judge(exploit);
  if (evaluation) {
    finding.evaluation = std::move(*evaluation);
  } else {
    finding.evaluation.rule = "judge";
    finding.evaluation.message = evaluation.error().text();
  }
  finding.caught = exploit.expects.contains(finding.evaluation.outcome);
  return finding;
}

int print(const std::vector<Finding>& findings, const GlobalOptions& global) {
  Table table({"exploit", "outcome", "rule", "caught"});
  nlohmann::json lines = nlohmann::json::array();
  size_t caught = 0;
  for (const Finding& it : findings) {
    caught += it.caught ? 1 : 0;
    const std::string outcome(name_of(it.evaluation.outcome));
    table.add({it.name, outcome, it.evaluation.rule,
               it.caught ? paint("yes", Colour::green) : paint("NO", Colour::red)});
    lines.push_back({{"exploit", it.name},
                     {"outcome", outcome},
                     {"rule", it.evaluation.rule},
                     {"message", it.evaluation.message},
                     {"caught", it.caught}});
  }
  if (global.json) {
    fmt::print("{}\n", lines.dump());
  } else {
    fmt::print("{}\n{} of {} caught\n", table.text(), caught, findings.size());
    for (const Finding& it : findings) {
      if (!it.caught) fmt::print("{}: {}\n", it.name, it.evaluation.message);
    }
  }
  return caught == findings.size() ? 0 : static_cast<int>(ErrorKind::rejected);
}

int run_exploits(const SelftestOptions& options, const GlobalOptions& global) {
  auto exploits = read_exploits(
      options.folder.empty() ? data_root() + "/tests/exploits" : options.folder, options.only);
  if (!exploits) return report(exploits.error(), global);
  // Those of one problem after each other: the judge keeps its references.
  std::stable_sort(exploits->begin(), exploits->end(),
                   [](const Exploit& a, const Exploit& b) { return a.problem < b.problem; });
  SteadyJudge judge;
  std::vector<Finding> findings;
  for (const Exploit& exploit : *exploits) findings.push_back(judge_exploit(judge, exploit));
  std::sort(findings.begin(), findings.end(),
            [](const Finding& a, const Finding& b) { return a.name < b.name; });
  return print(findings, global);
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<SelftestOptions>();
  app.add_option("suite", options->suite, "exploits: kernels that cheat")
      ->required()
      ->check(CLI::IsMember({"exploits"}));
  app.add_option("folder", options->folder, "Of the exploits; default: those of kbench");
  app.add_option("--only", options->only, "Those whose name holds this");
  app.footer(
      "Puts the judge itself to the test. Exit code 1 when it fails one.\nExamples:\n"
      "  kbench selftest exploits\n"
      "  kbench selftest exploits my_exploits/ --json");
  return [options, &global] { return run_exploits(*options, global); };
}

const bool registered =
    commands().add("selftest", {"Test the judge: does it catch every known cheat", declare});

}  // namespace

}  // namespace kbench
