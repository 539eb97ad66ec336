#include <poll.h>

#include <boost/process.hpp>
#include <deque>
#include <nlohmann/json.hpp>

#include "core/paths.hpp"
#include "harness/judge_server.hpp"

namespace kbench {

namespace bp = boost::process;
using nlohmann::json;

struct JudgeClient::State {
  bp::opstream to;
  bp::ipstream from;
  bp::group group;  // of its own: Ctrl-C at a terminal is for the coordinator
  bp::child child;

  void send(const json& line) { to << line_of(line) << std::endl; }

  Result<json> receive(const char* expected) {
    std::string line;
    if (!std::getline(from, line)) {
      return environment_error("the judge process has ended", {}, "run the command again");
    }
    const json answer = json::parse(line, nullptr, false);
    if (answer.is_discarded()) return environment_error("the judge answers no JSON: " + line);
    const std::string kind = answer.value("answer", "");
    if (kind == "error") {
      const json& error = answer.at("error");
      return tl::unexpected(Error{static_cast<ErrorKind>(error.value("kind", 3)),
                                  error.value("what", ""), error.value("where", ""),
                                  error.value("hint", "")});
    }
    if (kind != expected && kind != "fault") {
      return environment_error("the judge answers '" + kind + "' where '" + expected +
                               "' was expected");
    }
    return answer;
  }
};

JudgeClient::JudgeClient(std::unique_ptr<State> state) : state_(std::move(state)) {}

JudgeClient::~JudgeClient() {
  state_->to.pipe().close();
  std::error_code ignored;
  state_->group.terminate(ignored);
  state_->child.wait(ignored);
}

Result<std::unique_ptr<JudgeClient>> JudgeClient::start(const JudgeOptions& options) {
  auto state = std::make_unique<State>();
  std::vector<std::string> arguments = {"judge"};
  auto pass = [&](const char* name, const std::string& value) {
    if (!value.empty()) arguments.insert(arguments.end(), {name, value});
  };
  pass("--tasks", options.tasks);
  pass("--cache", options.cache);
  if (options.seed != 0) pass("--input-seed", std::to_string(options.seed));
  std::error_code failed;
  state->child = bp::child(bp::exe = program_folder() + "/kbench", bp::args = arguments,
                           bp::std_in<state->to, bp::std_out> state->from, state->group, failed);
  if (failed) return environment_error("cannot start the judge: " + failed.message());
  if (auto ready = state->receive("ready"); !ready) return tl::unexpected(ready.error());
  return std::unique_ptr<JudgeClient>(new JudgeClient(std::move(state)));
}

void JudgeClient::ask(const EvaluationRequest& request) {
  state_->send({{"ask", "evaluate"}, {"request", request}});
}

bool JudgeClient::ready(std::chrono::milliseconds wait) {
  if (state_->from.rdbuf()->in_avail() > 0) return true;
  pollfd answers{state_->from.pipe().native_source(), POLLIN, 0};
  return poll(&answers, 1, static_cast<int>(wait.count())) != 0;  // an end is an answer, too
}

Result<Evaluation> JudgeClient::next() {
  auto answer = state_->receive("evaluation");
  if (!answer) return tl::unexpected(answer.error());
  return answer->at("evaluation").get<Evaluation>();
}

Result<Confirmation> JudgeClient::confirm(const ConfirmationRequest& request) {
  state_->send({{"ask", "confirm"}, {"request", request}});
  auto answer = state_->receive("confirmation");
  if (!answer) return tl::unexpected(answer.error());
  return answer->at("confirmation").get<Confirmation>();
}

Result<Judged<Comparison>> JudgeClient::compare(const CompareRequest& request) {
  state_->send({{"ask", "compare"},
                {"a", request.a},
                {"b", request.b},
                {"problem", request.problem},
                {"device", request.device},
                {"longest_s", request.longest_s}});
  auto answer = state_->receive("comparison");
  if (!answer) return tl::unexpected(answer.error());
  if (answer->at("answer") == "comparison") {
    return Judged<Comparison>(answer->at("comparison").get<Comparison>());
  }
  const auto outcome = parse_outcome(answer->at("outcome").get<std::string>());
  return Judged<Comparison>(
      fault(outcome.value_or(Outcome::internal_error), answer->at("rule"), answer->at("message")));
}

Result<JudgeClient::Device> JudgeClient::describe(int threads) {
  state_->send({{"ask", "device"}, {"threads", threads}});
  auto answer = state_->receive("device");
  if (!answer) return tl::unexpected(answer.error());
  Device device;
  device.compilers = answer->at("compilers").get<std::vector<std::string>>();
  device.sandbox = answer->at("sandbox");
  device.ceilings = answer->at("ceilings").get<Ceilings>();
  device.launch_ns = answer->at("launch_ns");
  return device;
}

}  // namespace kbench
