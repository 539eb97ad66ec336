#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace kbench::cli_lab {

inline std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The real program while it runs in a folder, its output in the files `out` and `err` there. It is
// killed when the object goes.
class Running {
 public:
  // `input`: a file there for its standard input.
  Running(std::string folder, std::vector<std::string> arguments, const std::string& input = {})
      : folder_(std::move(folder)) {
    arguments.insert(arguments.begin(), KBENCH_BINARY_DIR "/kbench");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    process_ = fork();
    if (process_ != 0) return;
    setpgid(0, 0);
    if (chdir(folder_.c_str()) != 0) _exit(99);
    if (!input.empty()) dup2(open(input.c_str(), O_RDONLY), STDIN_FILENO);
    dup2(open("out", O_WRONLY | O_CREAT | O_TRUNC, 0644), STDOUT_FILENO);
    dup2(open("err", O_WRONLY | O_CREAT | O_TRUNC, 0644), STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(99);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (ended()) return;
    kill(process_, SIGKILL);
    wait();
  }

  pid_t process() const { return process_; }
  std::string out() const { return content_of(folder_ + "/out"); }
  std::string err() const { return content_of(folder_ + "/err"); }
  bool ended() { return waited_ || (waited_ = waitpid(process_, &status_, WNOHANG) == process_); }
  // Its exit code, or minus the signal that ended it.
  int wait() {
    if (!waited_) waitpid(process_, &status_, 0);
    waited_ = true;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
  }
  // Until its output holds this; false when it ended without.
  bool shows(const std::string& text) {
    for (bool last = false;; std::this_thread::sleep_for(std::chrono::milliseconds(5))) {
      if (out().find(text) != std::string::npos) return true;
      if (last) return false;
      last = ended();
    }
  }

 private:
  std::string folder_;
  pid_t process_ = -1;
  int status_ = 0;
  bool waited_ = false;
};

}  // namespace kbench::cli_lab
