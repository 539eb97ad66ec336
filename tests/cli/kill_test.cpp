#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>

#include "cli_lab.hpp"
#include "results/sqlite.hpp"
#include "results/store.hpp"
#include "running.hpp"

namespace kbench {
namespace {

using cli_lab::Cli;
using cli_lab::content_of;
using cli_lab::lines_of;
using cli_lab::Running;
using nlohmann::json;

// Random moments in a campaign; KBENCH_KILLS=100 tries as many.
int kills_wanted() {
  const char* given = std::getenv("KBENCH_KILLS");
  return given == nullptr ? 3 : std::atoi(given);
}

pid_t parent_of(pid_t process) {
  const std::string stat = content_of("/proc/" + std::to_string(process) + "/stat");
  const size_t after_name = stat.rfind(") ");
  return after_name == std::string::npos ? 0 : std::atoi(stat.c_str() + after_name + 4);
}

// Processes that come from `root` at this moment, it not among them.
std::vector<pid_t> descendants(pid_t root) {
  std::vector<pid_t> found;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", failed)) {
    const pid_t process = std::atoi(entry.path().filename().c_str());
    for (pid_t at = process; at > 1; at = parent_of(at)) {
      if (at != root) continue;
      if (process != root) found.push_back(process);
      break;
    }
  }
  return found;
}

std::string program_of(pid_t process) {
  std::string name = content_of("/proc/" + std::to_string(process) + "/comm");
  return name.substr(0, name.find('\n'));
}

class KillTest : public Cli {
 protected:
  void SetUp() override {
    Cli::SetUp();
    write("sum.cpp", cli_lab::kSum);
    setenv("XDG_CACHE_HOME", KBENCH_BINARY_DIR "/test_cache", 1);
    // What a killed process leaves behind becomes a child of this one, and is seen.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
  }

  // Spread over the campaign by what it has shown, however fast the machine is.
  static void await_moment(Running& run, std::mt19937& random) {
    const auto lines = static_cast<long>(random() % 16);
    while (!run.ended() && std::ranges::count(run.out(), '\n') < lines) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
  }

  // True once no process that came from this one is left; they have a minute to notice.
  static bool all_gone() {
    for (int tries = 0; tries < 1200; ++tries) {
      while (waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      if (waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

  // Every evaluation that was shown is in the file, which is whole.
  void file_holds_what_was_shown() const {
    Database database(folder_ + "/kbench.db", "file:" + folder_ + "/kbench.db",
                      SQLITE_OPEN_READONLY);
    Query check(database, "PRAGMA integrity_check");
    ASSERT_TRUE(check.step());
    EXPECT_EQ(check.text(), "ok");
    auto store = Store::open(folder_ + "/kbench.db", OpenMode::read_only);
    ASSERT_TRUE(store) << store.error().text();
    int64_t campaign = 0;
    std::set<int64_t> answered;
    for (const std::string& line : lines_of(read("out"))) {
      const json event = json::parse(line, nullptr, false);
      if (event.is_discarded()) continue;  // the line at which it was killed
      if (event.at("event") == "start") {
        campaign = event.at("campaign");
        const auto asks = (*store)->asks(campaign);
        for (const LoggedAsk& ask : *asks) {
          if (ask.evaluation_id) answered.insert(ask.sequence);
        }
      }
      if (event.at("event") != "evaluation") continue;
      const int64_t sequence = event.at("evaluation").at("id");
      EXPECT_TRUE(answered.contains(sequence)) << "ask " << sequence << " was shown as done";
    }
  }
};

TEST_F(KillTest, KilledAtAnyMomentLosesNothingShownLeavesNothingBehindAndGoesOn) {
  std::mt19937 random(std::random_device{}());
  int64_t campaign = 0;
  int hits[3] = {};
  for (int kill_number = 0, fresh = 0; kill_number < kills_wanted();) {
    std::vector<std::string> arguments = {"run", "--json"};
    if (campaign != 0) {
      arguments.insert(arguments.end(), {"--resume", std::to_string(campaign)});
    } else {
      const std::string problem = "rows=8,cols=" + std::to_string(64 + fresh++);
      arguments.insert(arguments.end(), {"sum.cpp", "--budget", "9evals", "--problem", problem});
    }
    Running run(folder_, arguments);
    await_moment(run, random);
    std::vector<pid_t> victims[3] = {{run.process()}, {}, {}};
    for (const pid_t process : descendants(run.process())) {
      if (program_of(process) == "kbench") victims[1].push_back(process);
      if (program_of(process) == "kbench-worker") victims[2].push_back(process);
    }
    const int which = kill_number % 3;
    if (!run.ended() && !victims[which].empty()) {
      kill(victims[which][random() % victims[which].size()], SIGKILL);
      ++hits[which];
      ++kill_number;
    }
    const int code = run.wait();
    EXPECT_TRUE(all_gone()) << "processes were left behind";
    if (run.out().empty()) continue;  // killed before it had begun
    file_holds_what_was_shown();
    // Done, however it came to it: a worker's death is a candidate's, not the campaign's.
    auto store = Store::open(folder_ + "/kbench.db", OpenMode::read_only);
    ASSERT_TRUE(store) << store.error().text();
    const auto campaigns = (*store)->campaigns();
    ASSERT_TRUE(campaigns);
    campaign = campaigns->empty() || campaigns->back().state == "done" ? 0 : campaigns->back().id;
    if (campaign == 0) continue;
    EXPECT_NE(code, 0);
    if (which == 1 && code > 0) {
      EXPECT_EQ(code, 3) << run.err();
      EXPECT_NE(run.err().find("--resume"), std::string::npos) << run.err();
    }
  }
  if (campaign != 0) {
    Running run(folder_, {"run", "--resume", std::to_string(campaign), "--json"});
    EXPECT_EQ(run.wait(), 0) << run.err();
    EXPECT_TRUE(all_gone());
    file_holds_what_was_shown();
  }
  std::printf("killed: coordinator %d times, judge %d, worker %d\n", hits[0], hits[1], hits[2]);
}

}  // namespace
}  // namespace kbench
