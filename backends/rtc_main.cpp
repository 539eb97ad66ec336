// kbench-compiler LANGUAGE LIBRARY: holds NVRTC or hipRTC open and warm, and compiles each unit in
// a fork of itself, because these libraries may end the process they are in (hipRTC 5.2 does for a
// target it does not know) and a hostile unit may keep them busy for ever.

#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <nlohmann/json.hpp>

#include "backends/rtc_library.hpp"
#include "backends/rtc_message.hpp"

namespace {

using kbench::RtcLibrary;
using kbench::RtcUnit;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

// What a fork says before it ends goes through memory that both have.
class SharedPages {
 public:
  static constexpr size_t kBytes = size_t{256} << 20;

  SharedPages()
      : bytes_(static_cast<char*>(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))) {}
  ~SharedPages() { munmap(bytes_, kBytes); }
  SharedPages(const SharedPages&) = delete;
  SharedPages& operator=(const SharedPages&) = delete;

  void put(const json& map) {
    const std::vector<uint8_t> text = json::to_cbor(map);
    if (text.size() > kBytes - sizeof(size_t)) return;
    const size_t count = text.size();
    std::copy(text.begin(), text.end(), bytes_ + sizeof count);
    std::memcpy(bytes_, &count, sizeof count);
  }
  json get() const {
    size_t count = 0;
    std::memcpy(&count, bytes_, sizeof count);
    if (count == 0 || count > kBytes - sizeof count) return nullptr;
    const char* begin = bytes_ + sizeof count;
    return json::from_cbor(begin, begin + count, true, false);
  }

 private:
  char* bytes_;
};

// The answer of `work`, done in a fork; {status: "timeout" or "died"} where it has none.
json in_a_fork(int64_t limit_ms, const std::function<json()>& work) {
  SharedPages pages;
  const pid_t child = fork();
  if (child == 0) {
    const rlimit seconds{static_cast<rlim_t>(limit_ms / 1000 + 2),
                         static_cast<rlim_t>(limit_ms / 1000 + 2)};
    setrlimit(RLIMIT_CPU, &seconds);
    pages.put(work());
    _exit(0);
  }
  if (child < 0) return {{"status", "died"}, {"log", "no process for the compiler"}};
  const int handle = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  pollfd ended{handle, POLLIN, 0};
  const bool in_time = poll(&ended, 1, static_cast<int>(limit_ms)) != 0;
  if (!in_time) kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  close(handle);
  const bool out_of_cpu = WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU;
  if (!in_time || out_of_cpu) return {{"status", "timeout"}};
  json answer = WIFEXITED(status) ? pages.get() : json();
  if (!answer.is_object()) answer = {{"status", "died"}};
  return answer;
}

RtcUnit unit_of(const json& request) {
  return {request.value("source", ""), request.value("name", ""),
          request.value("options", std::vector<std::string>{}),
          request.value("functions", std::vector<std::string>{}),
          request.value("headers", std::vector<std::pair<std::string, std::string>>{})};
}

json compile(const RtcLibrary& library, const RtcUnit& unit) {
  const auto start = Clock::now();
  kbench::RtcImage image = library.compile(unit);
  const std::chrono::duration<double, std::milli> took = Clock::now() - start;
  return {{"status", image.ok ? "ok" : "error"},
          {"log", std::move(image.log)},
          {"image", std::move(image.code)},
          {"names", image.names},
          {"milliseconds", took.count()}};
}

RtcUnit empty_kernel(const std::string& language, const std::string& target) {
  const std::string option = language == "cuda" ? "--gpu-architecture=" : "--offload-arch=";
  return {"extern \"C\" __global__ void empty() {}\n", "empty", {option + target}, {}, {}};
}

void serve(const RtcLibrary& library, const std::string& language) {
  while (auto request = kbench::receive_map(kbench::kRtcSocket)) {
    const int64_t limit_ms = request->value("limit_ms", int64_t{30'000});
    json answer;
    if (request->contains("probe")) {
      std::vector<std::string> found;
      for (const std::string target : (*request)["probe"]) {
        const json tried =
            in_a_fork(limit_ms, [&] { return compile(library, empty_kernel(language, target)); });
        if (tried.value("status", "") == "ok") found.push_back(target);
      }
      answer = {{"targets", found}};
    } else {
      const RtcUnit unit = unit_of(*request);
      answer = in_a_fork(limit_ms, [&] { return compile(library, unit); });
    }
    if (!kbench::send_map(kbench::kRtcSocket, answer)) return;
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const std::string language = arguments[1];
  const auto library = RtcLibrary::open(language, arguments[2]);
  if (!library) {
    kbench::send_map(kbench::kRtcSocket, {{"error", library.error().text()}});
    return 3;
  }
  const std::vector<std::string> targets = library->targets();
  // What the first compilation sets up, 60 ms, is there in every fork.
  if (!targets.empty()) compile(*library, empty_kernel(language, targets.front()));
  kbench::send_map(kbench::kRtcSocket, {{"library", library->version()}, {"targets", targets}});
  serve(*library, language);
  return 0;
}
