#include "core/process.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <csignal>
#include <mutex>

namespace kbench {

namespace {

namespace asio = boost::asio;
namespace bp = boost::process;
using Clock = std::chrono::steady_clock;

// Pipes are made without O_CLOEXEC and marked afterwards: two starts at once would leak an end of
// one's pipe into the other's child, and reading to the end would wait for both.
std::mutex& starting() {
  static std::mutex mutex;
  return mutex;
}

// One output stream, read to its end and kept up to a limit.
class Stream {
 public:
  Stream(asio::io_context& context, size_t limit) : pipe_(context), limit_(limit) {
    fcntl(pipe_.native_source(), F_SETFD, FD_CLOEXEC);
    fcntl(pipe_.native_sink(), F_SETFD, FD_CLOEXEC);
  }
  bp::async_pipe& pipe() { return pipe_; }
  std::string& text() { return text_; }

  void read() {
    pipe_.async_read_some(asio::buffer(chunk_), [this](boost::system::error_code failed, size_t n) {
      if (failed) return;
      text_.append(chunk_.data(), std::min(n, limit_ - text_.size()));
      read();
    });
  }

 private:
  bp::async_pipe pipe_;
  size_t limit_;
  std::string text_;
  std::array<char, 16384> chunk_;
};

// The input as a file at its start: nothing to pump, and no SIGPIPE when the program ignores it.
Result<int> input_file(const std::string& input) {
  const int file = memfd_create("kbench-stdin", MFD_CLOEXEC);
  if (file < 0) return environment_error("no memory file for a program's input");
  for (size_t at = 0; at < input.size();) {
    const ssize_t n = write(file, input.data() + at, input.size() - at);
    if (n <= 0) {
      close(file);
      return environment_error("no memory for a program's input");
    }
    at += static_cast<size_t>(n);
  }
  lseek(file, 0, SEEK_SET);
  return file;
}

bp::environment environment_of(const std::vector<std::string>& given) {
  bp::environment environment;
  if (const char* path = std::getenv("PATH")) environment["PATH"] = path;
  for (const std::string& entry : given) {
    const size_t equals = entry.find('=');
    environment[entry.substr(0, equals)] =
        equals == std::string::npos ? "" : entry.substr(equals + 1);
  }
  return environment;
}

Result<std::string> program_of(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return environment_error("no program given");
  std::string program = find_program(arguments[0]);
  if (program.empty()) {
    return environment_error("program '" + arguments[0] + "' not found on PATH", {}, "install it");
  }
  return program;
}

std::vector<std::string> rest_of(const std::vector<std::string>& arguments) {
  return {arguments.begin() + 1, arguments.end()};
}

// In the child: what this process blocks for itself is no business of the program's.
void unblock_signals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// In the child: `from`, kept over exec, at `to`.
void place(int from, int to) {
  if (from == to) {
    fcntl(from, F_SETFD, 0);
  } else {
    dup2(from, to);
  }
}

// The child is waited for by process number below, and its group killed by it.
pid_t detach(bp::child& child, bp::group& group) {
  child.detach();
  group.detach();
  return child.id();
}

// Waits for the child itself; its exit code, or minus the signal that ended it.
int reap(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<ProcessResult> run_process(const ProcessSpec& spec) {
  auto program = program_of(spec.arguments);
  if (!program) return tl::unexpected(program.error());
  auto input = input_file(spec.input);
  if (!input) return tl::unexpected(input.error());

  asio::io_context context;
  std::unique_lock lock(starting());
  Stream out(context, spec.output_limit_bytes), err(context, spec.output_limit_bytes);
  const auto begin = Clock::now();
  std::error_code failed;
  bp::group group;
  bp::child child(
      bp::exe = *program, bp::args = rest_of(spec.arguments), environment_of(spec.environment),
      bp::posix::fd.bind(STDIN_FILENO, *input), bp::std_out > out.pipe(), bp::std_err > err.pipe(),
      group, failed, bp::extend::on_exec_setup = [](auto&) { unblock_signals(); });
  lock.unlock();
  close(*input);
  if (failed) {
    return environment_error("cannot start " + *program + ": " + failed.message());
  }
  const pid_t process = detach(child, group);

  ProcessResult result;
  out.read();
  err.read();
  asio::posix::stream_descriptor end(context,
                                     static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  end.async_wait(asio::posix::stream_descriptor::wait_read,
                 [&](boost::system::error_code) { kill(-process, SIGKILL); });
  context.run_until(begin + spec.limit);
  if (!context.stopped()) {
    result.timed_out = true;
    kill(-process, SIGKILL);
    // A descendant that left the group may hold the pipes open for ever.
    context.run_for(std::chrono::seconds(1));
  }
  result.exit_code = reap(process);
  result.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  result.out = std::move(out.text());
  result.err = std::move(err.text());
  return result;
}

Result<Companion> Companion::start(const std::vector<std::string>& arguments,
                                   const std::vector<std::pair<int, int>>& descriptors) {
  auto program = program_of(arguments);
  if (!program) return tl::unexpected(program.error());
  std::lock_guard lock(starting());
  std::error_code failed;
  bp::group group;
  bp::child child(
      bp::exe = *program, bp::args = rest_of(arguments), environment_of({}),
      bp::std_in<bp::null, bp::std_out> bp::null, bp::std_err > bp::null, group, failed,
      bp::extend::on_exec_setup = [&](auto&) {
        unblock_signals();
        for (const auto& [from, to] : descriptors) place(from, to);
      });
  if (failed) {
    return environment_error("cannot start " + *program + ": " + failed.message());
  }
  return Companion(detach(child, group));
}

Companion::~Companion() {
  if (process_ <= 0) return;
  kill(-process_, SIGKILL);
  reap(process_);
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0 ? name : "";
  return bp::search_path(name).string();
}

}  // namespace kbench
