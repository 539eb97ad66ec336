#include <CLI/CLI.hpp>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "cli/selftest.hpp"

namespace kbench {

Registry<Selftest>& selftests() {
  static Registry<Selftest> registry("suite");
  return registry;
}

namespace {

// Other programs that want the cores, for as long as it lives.
class Noise {
 public:
  explicit Noise(int loops) {
    for (int i = 0; i < loops; ++i) {
      loops_.emplace_back([](const std::stop_token& stop) {
        for (volatile uint64_t turns = 0; !stop.stop_requested();) turns = turns + 1;
      });
    }
  }

 private:
  std::vector<std::jthread> loops_;
};

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto options = std::make_shared<SelftestOptions>();
  auto suite = std::make_shared<std::string>();
  auto busy = std::make_shared<int>(0);
  std::string help;
  for (const auto& [name, it] : selftests().entries()) {
    help += (help.empty() ? "" : "; ") + name + ": " + it.help;
  }
  app.add_option("suite", *suite, help)->required()->check(CLI::IsMember(selftests().names()));
  app.add_option("folder", options->folder, "Of exploits; default: those of kbench");
  app.add_option("--only", options->only, "Those whose name holds this");
  app.add_option("--trials", options->trials, "How many of each kind; 0: all that are due")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--seed", options->seed, "Of what is drawn")->capture_default_str();
  app.add_option("--busy", *busy, "Loops that keep cores busy meanwhile")->check(CLI::Range(0, 64));
  app.footer(
      "Puts the judge itself to the test. Exit code 1 when it fails one.\nExamples:\n"
      "  kbench selftest exploits\n"
      "  kbench selftest exploits my_exploits/ --json\n"
      "  kbench selftest honest --only softmax --busy 2\n"
      "  kbench selftest statistics --trials 20");
  return [options, suite, busy, &global] {
    const Noise noise(*busy);
    return selftests().entries().at(*suite).run(*options, global);
  };
}

const bool kRegistered = commands().add(
    "selftest", {"Test the judge: does it catch every cheat and pass what is honest", declare});

}  // namespace

}  // namespace kbench
