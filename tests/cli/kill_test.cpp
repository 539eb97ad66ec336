#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "cli_lab.hpp"
#include "results/sqlite.hpp"
#include "results/store.hpp"

namespace kbench {
namespace {

using cli_lab::Cli;
using cli_lab::lines_of;
using nlohmann::json;

// Random moments in a campaign; KBENCH_KILLS=100 tries as many.
int kills_wanted() {
  const char* given = std::getenv("KBENCH_KILLS");
  return given == nullptr ? 3 : std::atoi(given);
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
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

  pid_t start(const std::vector<std::string>& arguments) const {
    const pid_t process = fork();
    if (process != 0) return process;
    setpgid(0, 0);
    if (chdir(folder_.c_str()) != 0) _exit(99);
    const int out = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(out, STDOUT_FILENO);
    dup2(open("err", O_WRONLY | O_CREAT | O_TRUNC, 0644), STDERR_FILENO);
    std::vector<char*> argv = {const_cast<char*>(KBENCH_BINARY_DIR "/kbench")};
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(99);
  }

  // True once no process that came from this one is left.
  static bool all_gone() {
    for (int tries = 0; tries < 100; ++tries) {
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
    const bool resumes = campaign != 0;
    const std::vector<std::string> arguments =
        resumes ? std::vector<std::string>{"run", "--resume", std::to_string(campaign), "--json"}
                : std::vector<std::string>{"run",
                                           "sum.cpp",
                                           "--budget",
                                           "9evals",
                                           "--json",
                                           "--problem",
                                           "rows=8,cols=" + std::to_string(64 + fresh++)};
    const pid_t coordinator = start(arguments);
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 4000));
    std::vector<pid_t> victims[3] = {{coordinator}, {}, {}};
    for (const pid_t process : descendants(coordinator)) {
      if (program_of(process) == "kbench") victims[1].push_back(process);
      if (program_of(process) == "kbench-worker") victims[2].push_back(process);
    }
    const int which = kill_number % 3;
    int status = 0;
    const bool ended = waitpid(coordinator, &status, WNOHANG) == coordinator;
    if (!ended && !victims[which].empty()) {
      kill(victims[which][random() % victims[which].size()], SIGKILL);
      ++hits[which];
      ++kill_number;
      waitpid(coordinator, &status, 0);
    } else if (!ended) {  // none of that kind ran at this moment
      waitpid(coordinator, &status, 0);
    }
    EXPECT_TRUE(all_gone()) << "processes were left behind";
    if (!std::filesystem::exists(folder_ + "/kbench.db")) continue;
    file_holds_what_was_shown();
    // Done, however it came to it: a worker's death is a candidate's, not the campaign's.
    auto store = Store::open(folder_ + "/kbench.db", OpenMode::read_only);
    ASSERT_TRUE(store) << store.error().text();
    const auto campaigns = (*store)->campaigns();
    ASSERT_TRUE(campaigns);
    campaign = campaigns->empty() || campaigns->back().state == "done" ? 0 : campaigns->back().id;
    if (campaign == 0) continue;
    EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (which == 1 && WIFEXITED(status)) {
      EXPECT_EQ(WEXITSTATUS(status), 3) << read("err");
      EXPECT_NE(read("err").find("--resume"), std::string::npos) << read("err");
    }
  }
  if (campaign != 0) {
    int status = 0;
    waitpid(start({"run", "--resume", std::to_string(campaign), "--json"}), &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << read("err");
    EXPECT_TRUE(all_gone());
    file_holds_what_was_shown();
  }
  std::printf("killed: coordinator %d times, judge %d, worker %d\n", hits[0], hits[1], hits[2]);
}

}  // namespace
}  // namespace kbench
