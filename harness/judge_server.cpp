#include "harness/judge_server.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <deque>
#include <future>
#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/environment.hpp"

namespace kbench {

namespace {

using nlohmann::json;

// Blocks the reader until someone pushes; closed when the input ends.
template <class T>
class Queue {
 public:
  void push(T item) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    changed_.notify_one();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> items_;
  bool closed_ = false;
};

struct Ask {
  std::string kind;
  json body;
  std::shared_future<Judge::Prepared> prepared;  // of an evaluation
};

struct BuildJob {
  EvaluationRequest request;
  std::promise<Judge::Prepared> promise;
};

json error_line(const Error& error) {
  return {{"answer", "error"},
          {"error",
           {{"kind", static_cast<int>(error.kind)},
            {"what", error.what},
            {"where", error.where},
            {"hint", error.hint}}}};
}

void answer(const json& line) {
  std::cout << line_of(line) << std::endl;
}

json describe(Judge& judge, int threads) {
  json line = {{"answer", "device"}, {"sandbox", judge.sandbox()}};
  line["compilers"] = judge.compiler().found().value_or(std::vector<std::string>{});
  auto ceilings = judge.ceilings(threads);
  if (!ceilings) return error_line(ceilings.error());
  line["ceilings"] = *ceilings;
  auto launch = judge.launch_ns();
  if (!launch) return error_line(launch.error());
  line["launch_ns"] = *launch;
  return line;
}

json compare(Judge& judge, const json& body) {
  PairingRule rule;
  rule.longest_ns = body.value("longest_s", 5.0) * 1e9;
  const auto problem = body.at("problem").get<Problem>();
  rule.timer.whole_ring = problem.cache == CacheMode::cold;
  auto compared = judge.compare(body.at("a").get<Candidate>(), body.at("b").get<Candidate>(),
                                problem, body.value("device", "cpu"), rule);
  if (compared) return {{"answer", "comparison"}, {"comparison", *compared}};
  const Fault& failed = compared.error();
  return {{"answer", "fault"},
          {"outcome", name_of(failed.outcome)},
          {"rule", failed.rule},
          {"message", failed.message}};
}

json handle(Judge& judge, const Ask& ask) {
  if (ask.kind == "evaluate") {
    return {{"answer", "evaluation"},
            {"evaluation",
             judge.evaluate(ask.body.at("request").get<EvaluationRequest>(), ask.prepared.get())}};
  }
  if (ask.kind == "confirm") {
    return {{"answer", "confirmation"},
            {"confirmation", judge.confirm(ask.body.at("request").get<ConfirmationRequest>())}};
  }
  if (ask.kind == "compare") return compare(judge, ask.body);
  if (ask.kind == "device") return describe(judge, ask.body.value("threads", 1));
  return error_line({ErrorKind::bad_input,
                     "unknown ask '" + ask.kind + "'",
                     {},
                     "known: evaluate, confirm, compare, device"});
}

// One line to an ask; builds of evaluations are queued at once.
void read_line(const std::string& line, Queue<Ask>& asks,
               Queue<std::shared_ptr<BuildJob>>& builds) {
  Ask ask;
  try {
    ask.body = json::parse(line);
    ask.kind = ask.body.value("ask", "");
    if (ask.kind == "evaluate") {
      auto job = std::make_shared<BuildJob>();
      job->request = ask.body.at("request").get<EvaluationRequest>();
      ask.prepared = job->promise.get_future().share();
      builds.push(std::move(job));
    }
  } catch (const json::exception& error) {
    ask.kind = std::string("a line that is no JSON of the protocol: ") + error.what();
  }
  asks.push(std::move(ask));
}

void build_all(Judge& judge, Queue<std::shared_ptr<BuildJob>>& builds) {
  // Compilers give way to the judge, whose clock must not wait for a core.
  constexpr int kNice = 10;
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
  while (auto job = builds.pop()) {
    const EvaluationRequest& request = (*job)->request;
    (*job)->promise.set_value(judge.prepare(request.candidate, request.problem, request.device));
  }
}

}  // namespace

std::string line_of(const json& line) {
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

int serve_judge(const JudgeOptions& options) {
  signal(SIGINT, SIG_IGN);  // whoever asks decides when to stop
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  auto judge = Judge::start(options);
  if (!judge) {
    answer(error_line(judge.error()));
    return static_cast<int>(judge.error().kind);
  }
  answer({{"answer", "ready"}, {"judge", kJudgeVersion}, {"kbench", kbench_version()}});

  Queue<Ask> asks;
  Queue<std::shared_ptr<BuildJob>> builds;
  std::thread builder([&] { build_all(**judge, builds); });
  std::thread reader([&] {
    for (std::string line; std::getline(std::cin, line);) read_line(line, asks, builds);
    builds.close();
    asks.close();
  });
  while (auto ask = asks.pop()) {
    try {
      answer(handle(**judge, *ask));
    } catch (const json::exception& error) {
      answer(error_line({ErrorKind::bad_input, std::string("malformed ask: ") + error.what()}));
    }
  }
  reader.join();
  builder.join();
  return 0;
}

}  // namespace kbench
