#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "cli/selftest.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "harness/disturbances.hpp"
#include "harness/environment.hpp"
#include "harness/judge_server.hpp"
#include "harness/pairing.hpp"
#include "results/store.hpp"
#include "search/campaign.hpp"

namespace kbench {

namespace {

using Seconds = std::chrono::duration<double>;

// ---- A machine by the script: two equal kernels, and all that disturbs real ones

struct ScriptedMachine {
  std::mt19937_64 random;
  double clock_ns = 0, walk = 0;

  // A call that takes 20 us where nothing disturbs: slow drift, a random walk, jitter, outliers.
  double call_ns() {
    std::normal_distribution<double> normal;
    walk = 0.999 * walk + 0.001 * normal(random);
    const double drift = 0.05 * std::sin(clock_ns / 3e8) + walk;
    const bool outlier = random() % 50 == 0;
    const double jitter = 0.01 * normal(random) + (outlier ? std::fabs(normal(random)) : 0);
    const double ns = 20'000 * std::exp(drift + jitter);
    clock_ns += 20 * ns;  // what happens off the clock takes longer than what happens on it
    return ns;
  }
};

struct ScriptedKernel {
  ScriptedMachine* machine;
  Judged<double> run(std::span<const int> sets) {
    double ns = 500;
    for (size_t i = 0; i < sets.size(); ++i) ns += machine->call_ns();
    return ns;
  }
  void refresh(std::span<const int>, uint64_t) {}
  Judged<void> check(std::span<const int>) { return {}; }
  int sets() const { return 16; }
};

struct ScriptedLaunch final : Launch<ScriptedKernel> {
  explicit ScriptedLaunch(ScriptedMachine& machine) : a_{&machine}, b_{&machine} {}
  ScriptedKernel& a() override { return a_; }
  ScriptedKernel& b() override { return b_; }
  tl::expected<void, PairFault> agree(const std::vector<int>&) override { return {}; }
  ScriptedKernel a_, b_;
};

Verdict scripted_verdict(uint64_t seed) {
  ScriptedMachine machine{std::mt19937_64(seed)};
  auto start = [&](int) -> tl::expected<std::unique_ptr<Launch<ScriptedKernel>>, PairFault> {
    return std::make_unique<ScriptedLaunch>(machine);
  };
  return compare_paired<ScriptedKernel>(start, {}, seed)->verdict;
}

// ---- Real kernels of a known difference

// Row sums, and after them a chain of ROUNDS dependent additions that makes up most of the time:
// kernels that differ in ROUNDS differ by a known part. SALT is in dead text only.
std::string planted_kernel(const std::string& rounds, const std::string& salts) {
  return "// kbench: task     row_sum\n"
         "// kbench: language cpp\n"
         "// kbench: dtype    f32\n"
         "// kbench: param    ROUNDS " +
         rounds + "\n// kbench: param    SALT " + salts +
         "\n// kbench: flags    -O2\n"
         "// kbench: launch   planted(x, y, rows, cols)\n"
         R"cpp(
    __attribute__((used)) static const int dead_text[] = {SALT};

    void planted(const float* x, float* y, int rows, int cols) {
      for (int i = 0; i < rows; ++i) {
        double sum = 0;
        for (int j = 0; j < cols; ++j) sum += x[(long)i * cols + j];
        y[i] = (float)sum;
      }
      float chain = 1;
      for (int i = 0; i < ROUNDS; ++i) chain += 0.5f;
      asm volatile("" : : "x"(chain));
    }
         )cpp";
}

constexpr const char* kPlantedProblem = "rows=16,cols=64";

class Trials {
 public:
  static Result<Trials> start() {
    auto judge = JudgeClient::start({});
    if (!judge) return tl::unexpected(judge.error());
    auto task = find_task(tasks_folder(""), "row_sum");
    if (!task) return tl::unexpected(task.error());
    auto problem = parse_problem(*task, kPlantedProblem);
    if (!problem) return tl::unexpected(problem.error());
    return Trials(std::move(*judge), std::move(*problem));
  }

  // ROUNDS of a kernel that takes so long, from one that is timed.
  Result<int> rounds_for(double ns) {
    constexpr int kTried = 30'000;
    judge_->ask({0, candidate(kTried), problem_, "cpu", Evidence::screened, 0});
    auto evaluation = judge_->next();
    if (!evaluation) return tl::unexpected(evaluation.error());
    if (evaluation->outcome != Outcome::ok) {
      return environment_error("an honest kernel is rejected: " + evaluation->message);
    }
    return static_cast<int>(kTried * ns / evaluation->timing.min_ns);
  }

  struct Answer {
    Verdict verdict;
    double seconds;
  };
  // Everything counts: both kernels are verified, loaded and timed; only compiling was done before.
  Result<Answer> compare(int a, int b, double kernel_seconds) {
    const auto begin = std::chrono::steady_clock::now();
    auto answer = judge_->compare({candidate(a), candidate(b), problem_, "cpu", kernel_seconds});
    if (!answer) return tl::unexpected(answer.error());
    if (!*answer) return environment_error(answer->error().message);
    return Answer{(*answer)->verdict, Seconds(std::chrono::steady_clock::now() - begin).count()};
  }

  JudgeClient& judge() { return *judge_; }
  const Problem& problem() const { return problem_; }

 private:
  Trials(std::unique_ptr<JudgeClient> judge, Problem problem)
      : judge_(std::move(judge)), problem_(std::move(problem)) {}
  static Candidate candidate(int rounds) {
    Candidate made;
    made.kernel_text = planted_kernel(std::to_string(rounds), "0");
    made.kernel_name = "planted.cpp";
    made.params = {{"ROUNDS", std::to_string(rounds)}, {"SALT", "0"}, {"FLAGS", "-O2"}};
    return made;
  }

  std::unique_ptr<JudgeClient> judge_;
  Problem problem_;
};

// ---- What is claimed, and what was seen

struct Claim {
  std::string what, asked, seen;
  bool holds = false;
};

std::string share_text(int64_t part, int64_t all) {
  return fmt::format("{} of {}: {:.1f} %", part, all, 100.0 * part / std::max<int64_t>(all, 1));
}

bool differs(Verdict verdict) {
  return verdict == Verdict::faster || verdict == Verdict::slower;
}

Claim scripted_equals(int64_t trials, uint64_t seed) {
  int64_t wrong = 0;
  for (int64_t i = 0; i < trials; ++i) {
    wrong += differs(scripted_verdict(seed + static_cast<uint64_t>(i))) ? 1 : 0;
  }
  return {"equal kernels, scripted drift and jitter, found different", "at most 1 %",
          share_text(wrong, trials), wrong * 100 <= trials};
}

Result<Claim> real_equals(Trials& trials, int64_t count) {
  auto rounds = trials.rounds_for(100'000);
  if (!rounds) return tl::unexpected(rounds.error());
  int64_t wrong = 0;
  double seconds = 0;
  for (int64_t i = 0; i < count; ++i) {
    auto answer = trials.compare(*rounds, *rounds, 1);
    if (!answer) return tl::unexpected(answer.error());
    wrong += differs(answer->verdict) ? 1 : 0;
    seconds += answer->seconds;
  }
  return Claim{"equal kernels of 100 us, really run, found different", "at most 1 %",
               share_text(wrong, count) +
                   fmt::format(", {:.2f} s each", seconds / static_cast<double>(count)),
               wrong * 100 <= count};
}

// A kernel of `ns` against one that takes `percent` more: found to be faster, in time.
Result<Claim> planted(Trials& trials, int64_t count, double ns, int percent, double limit_s) {
  auto rounds = trials.rounds_for(ns);
  if (!rounds) return tl::unexpected(rounds.error());
  const int more = *rounds + *rounds * percent / 100;
  if (auto warm = trials.compare(*rounds, more, limit_s); !warm) {  // compiles both
    return tl::unexpected(warm.error());
  }
  int64_t found = 0, late = 0, opposite = 0;
  double longest = 0;
  for (int64_t i = 0; i < count; ++i) {
    auto answer = trials.compare(*rounds, more, limit_s / 2);
    if (!answer) return tl::unexpected(answer.error());
    const bool right = answer->verdict == Verdict::faster;
    found += right && answer->seconds <= limit_s ? 1 : 0;
    late += right && answer->seconds > limit_s ? 1 : 0;
    opposite += answer->verdict == Verdict::slower ? 1 : 0;
    longest = std::max(longest, answer->seconds);
  }
  return Claim{
      fmt::format("{} % more than {:.0f} us found within {} s", percent, ns / 1e3, limit_s),
      "at least 95 %",
      share_text(found, count) +
          fmt::format(", {} later, {} the wrong way, the longest took {:.2f} s", late, opposite,
                      longest),
      found * 100 >= count * 95 && opposite == 0};
}

class Silent final : public CampaignObserver {
 public:
  void on_start(int64_t) override {}
  void on_phase(CampaignPhase) override {}
  void on_confirming(const Candidate&) override {}
  void on_evaluation(const CampaignProgress&, const Candidate&, const Evaluation&) override {}
  void on_confirmation(const Candidate&, const Confirmation& confirmation, bool promoted) override {
    ++confirmations;
    winners += promoted && confirmation.against_anchor ? 1 : 0;
  }
  int confirmations = 0, winners = 0;
};

// A search among equals has a fastest one by luck; confirming must see through it.
Result<Claim> winners_curse(Trials& trials, int64_t count) {
  auto rounds = trials.rounds_for(20'000);
  if (!rounds) return tl::unexpected(rounds.error());
  std::string salts;
  for (int64_t i = 0; i < count; ++i) salts += (i == 0 ? "" : " ") + std::to_string(i);
  auto kernel = parse_kernel_file(planted_kernel(std::to_string(*rounds), salts), "salted.cpp");
  if (!kernel) return tl::unexpected(kernel.error());
  auto space = Space::build(*kernel, {}, device_bindings(this_cpu()));
  if (!space) return tl::unexpected(space.error());
  CampaignSetup setup;
  setup.problem = trials.problem();
  setup.kernels.push_back({*kernel, *space});
  setup.strategy = "exhaustive";
  setup.environment_json = "{}";
  setup.repeat_command = [](const Candidate&, const Problem&) { return std::string(); };
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("kbench-selftest-{}.db", getpid());
  auto store = Store::open(file, OpenMode::read_write);
  if (!store) return tl::unexpected(store.error());
  Silent seen;
  const std::atomic<bool> stop{false};
  auto result = run_campaign(setup, trials.judge(), **store, seen, stop);
  store->reset();
  for (const char* end : {"", "-wal", "-shm", "-lock"}) {
    std::error_code ignored;
    std::filesystem::remove(file.string() + end, ignored);
  }
  if (!result) return tl::unexpected(result.error());
  return Claim{fmt::format("winners of a search over {} equal kernels", count), "none",
               fmt::format("{} of {} confirmations", seen.winners, seen.confirmations),
               seen.winners == 0 && seen.confirmations > 0};
}

int print(const std::vector<Claim>& claims, const GlobalOptions& global) {
  bool all = true;
  Table table({"claim", "asked", "seen", "holds"});
  for (const Claim& claim : claims) {
    all = all && claim.holds;
    if (global.json) {
      fmt::print("{}\n", nlohmann::json{{"claim", claim.what},
                                        {"asked", claim.asked},
                                        {"seen", claim.seen},
                                        {"holds", claim.holds}}
                             .dump());
    }
    table.add({claim.what, claim.asked, claim.seen,
               claim.holds ? paint("yes", Colour::green) : paint("NO", Colour::red)});
  }
  if (!global.json) {
    fmt::print("{}", table.text());
    for (const std::string& warning : disturbances()) {
      fmt::print("{} {}\n", paint("note:", Colour::yellow), warning);
    }
  }
  return all ? 0 : static_cast<int>(ErrorKind::rejected);
}

int run_statistics(const SelftestOptions& options, const GlobalOptions& global) {
  const auto count = [&](int64_t due) { return options.trials > 0 ? options.trials : due; };
  std::optional<Trials> real;
  const std::pair<std::string, std::function<Result<Claim>()>> tests[] = {
      {"scripted", [&] { return scripted_equals(count(1000), options.seed); }},
      {"equal", [&] { return real_equals(*real, count(200)); }},
      {"planted_100us", [&] { return planted(*real, count(200), 100'000, 1, 1.0); }},
      {"planted_20us", [&] { return planted(*real, count(200), 20'000, 2, 0.2); }},
      {"search", [&] { return winners_curse(*real, count(300)); }}};
  std::vector<Claim> claims;
  for (const auto& [name, test] : tests) {
    if (name.find(options.only) == std::string::npos) continue;
    if (name != "scripted" && !real) {
      auto started = Trials::start();
      if (!started) return report(started.error(), global);
      real.emplace(std::move(*started));
    }
    auto claim = test();
    if (!claim) return report(claim.error(), global);
    claims.push_back(std::move(*claim));
  }
  if (claims.empty()) {
    return report({ErrorKind::bad_input, "no claim has this in its name", options.only,
                   "scripted, equal, planted_100us, planted_20us, search"},
                  global);
  }
  return print(claims, global);
}

const bool kRegistered = selftests().add(
    "statistics", {"equal kernels are no different, small differences are found", run_statistics});

}  // namespace

}  // namespace kbench
