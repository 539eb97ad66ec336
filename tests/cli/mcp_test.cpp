#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "cli_lab.hpp"
#include "results/store.hpp"

namespace kbench {
namespace {

using cli_lab::Cli;
using cli_lab::kSum;
using cli_lab::lines_of;
using cli_lab::Ran;
using nlohmann::json;
using testing::HasSubstr;

std::string edited(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

json request(const json& id, const std::string& method, const json& params = json::object()) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
}
json notification(const std::string& method, const json& params = json::object()) {
  return {{"jsonrpc", "2.0"}, {"method", method}, {"params", params}};
}
json call(const json& id, const std::string& tool, const json& arguments = json::object()) {
  return request(id, "tools/call", {{"name", tool}, {"arguments", arguments}});
}
json hello(const std::string& revision = "2025-06-18") {
  return request("hello", "initialize",
                 {{"protocolVersion", revision},
                  {"capabilities", json::object()},
                  {"clientInfo", {{"name", "test"}, {"version", "1"}}}});
}
json source(const std::string& text) {
  return {{"task", "row_sum"}, {"problem", "rows=64,cols=256"}, {"source", text}};
}

// `kbench mcp` at the other end of two pipes.
class Server {
 public:
  explicit Server(const std::string& folder) {
    int in[2], out[2];
    EXPECT_EQ(pipe2(in, O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(out, O_CLOEXEC), 0);
    process_ = fork();
    if (process_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      setenv("XDG_CACHE_HOME", KBENCH_BINARY_DIR "/test_cache", 1);
      if (chdir(folder.c_str()) != 0) _exit(99);
      execl(KBENCH_BINARY_DIR "/kbench", "kbench", "mcp", nullptr);
      _exit(99);
    }
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = out[0];
  }
  ~Server() {
    if (from_ >= 0) hang_up();
    end();
    if (process_ > 0) kill(process_, SIGKILL);
    wait();
  }

  void send_text(const std::string& line) const {
    const std::string text = line + "\n";
    size_t at = 0;
    while (at < text.size()) {
      const ssize_t wrote = write(to_, text.data() + at, text.size() - at);
      ASSERT_GT(wrote, 0);
      at += static_cast<size_t>(wrote);
    }
  }
  void send(const json& message) const { send_text(message.dump()); }

  // The next message; discarded when there is none any more.
  json next() {
    size_t end = 0;
    while ((end = buffer_.find('\n')) == std::string::npos) {
      char chunk[4096];
      const ssize_t got = read(from_, chunk, sizeof chunk);
      if (got <= 0) return json(json::value_t::discarded);
      buffer_.append(chunk, static_cast<size_t>(got));
    }
    const json message = json::parse(buffer_.substr(0, end));
    buffer_.erase(0, end + 1);
    return message;
  }
  json ask(const json& message) {
    send(message);
    return next();
  }
  void end() {
    if (to_ >= 0) close(to_);
    to_ = -1;
  }
  // Nobody reads its answers any more.
  void hang_up() { close(std::exchange(from_, -1)); }
  int wait() {
    int status = 0;
    if (process_ > 0) waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t process_ = -1;
  int to_ = -1, from_ = -1;
  std::string buffer_;
};

int code_of(const json& message) {
  return message.at("error").at("code");
}
const json& found_in(const json& message) {
  return message.at("result").at("structuredContent");
}

using McpTest = Cli;

TEST_F(McpTest, TheRevisionAskedForIsSpokenAndTheNewestWhereItIsNotKnown) {
  for (const std::string revision : {"2024-11-05", "2025-03-26", "2025-06-18"}) {
    Server server(folder_);
    EXPECT_EQ(server.ask(hello(revision)).at("result").at("protocolVersion"), revision);
    EXPECT_EQ(code_of(server.ask(hello(revision))), -32600) << "only once";
  }
  Server server(folder_);
  const json answer = server.ask(hello("2031-01-01"));
  EXPECT_EQ(answer.at("id"), "hello");
  EXPECT_EQ(answer.at("result").at("protocolVersion"), "2025-06-18");
  EXPECT_TRUE(answer.at("result").at("capabilities").contains("tools"));
  EXPECT_EQ(answer.at("result").at("serverInfo").at("name"), "kbench");
}

TEST_F(McpTest, ErrorsAreThoseOfTheProtocolAndTheSessionGoesOn) {
  Server server(folder_);
  EXPECT_EQ(code_of(server.ask(request(1, "tools/list"))), -32600) << "before initialize";
  EXPECT_EQ(server.ask(request(2, "ping")).at("result"), json::object());
  server.ask(hello());
  server.send(notification("notifications/initialized"));
  server.send_text("{\"jsonrpc\": ");
  const json broken = server.next();
  EXPECT_EQ(code_of(broken), -32700);
  EXPECT_TRUE(broken.at("id").is_null());
  server.send_text("{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"\xff\xfe\"}");
  EXPECT_EQ(code_of(server.next()), -32700);
  server.send_text(std::string(3 << 20, 'x'));
  EXPECT_EQ(code_of(server.next()), -32600);
  server.send_text("[]");
  EXPECT_EQ(code_of(server.next()), -32600);
  server.send_text("7");
  EXPECT_EQ(code_of(server.next()), -32600);
  server.send_text(R"({"jsonrpc":"2.0","id":[1],"method":"ping"})");
  EXPECT_EQ(code_of(server.next()), -32600);
  server.send_text(R"({"jsonrpc":"2.0","id":5,"result":{}})");  // an answer to nothing
  EXPECT_EQ(code_of(server.ask(request(6, "resources/list"))), -32601);
  EXPECT_EQ(code_of(server.ask(request(7, "tools/list", {{"cursor", "x"}}))), -32602);
  const json unknown = server.ask(call(8, "evalute"));
  EXPECT_EQ(code_of(unknown), -32602);
  EXPECT_THAT(unknown.at("error").at("message").get<std::string>(), HasSubstr("'evaluate'"));
  EXPECT_EQ(code_of(server.ask(call(9, "evaluate", {{"task", "row_sum"}}))), -32602);
  EXPECT_EQ(code_of(server.ask(call(10, "describe_task", {{"task", 7}}))), -32602);
  EXPECT_EQ(code_of(server.ask(call(11, "list_tasks", {{"path", "/etc"}}))), -32602);
  EXPECT_EQ(code_of(server.ask(call(12, "evaluate", source(std::string(300'000, 'x'))))), -32602);
  EXPECT_EQ(server.ask(request(13, "ping")).at("id"), 13);
  server.end();
  EXPECT_EQ(server.wait(), 0);
}

TEST_F(McpTest, EveryToolIsListedWithASchemaOfItsArguments) {
  Server server(folder_);
  server.ask(hello());
  std::vector<std::string> names;
  const json listed = server.ask(request(1, "tools/list"));
  for (const json& tool : listed.at("result").at("tools")) {
    names.push_back(tool.at("name"));
    EXPECT_EQ(tool.at("inputSchema").at("type"), "object");
    EXPECT_FALSE(tool.at("description").get<std::string>().empty());
  }
  EXPECT_THAT(names,
              testing::UnorderedElementsAre("list_tasks", "describe_task", "evaluate", "compare",
                                            "best_kernels", "device_facts", "campaign_status"));
}

TEST_F(McpTest, AKernelIsWrittenFromWhatTheToolsSayJudgedAndConfirmed) {
  Server server(folder_);
  server.ask(hello());
  const json tasks = server.ask(call(1, "list_tasks", {{"category", "reduction"}}));
  EXPECT_THAT(found_in(tasks).dump(), HasSubstr("row_sum"));
  const json task = found_in(server.ask(call(2, "describe_task", {{"task", "row_sum"}})));
  const std::string naive = task.at("naive_kernel");
  const json judged = server.ask(call(3, "evaluate", source(naive)));
  EXPECT_EQ(judged.at("result").at("isError"), false);
  EXPECT_EQ(found_in(judged).at("outcome"), "ok");
  EXPECT_EQ(json::parse(judged.at("result").at("content")[0].at("text").get<std::string>()),
            found_in(judged));
  const json wrong =
      server.ask(call(4, "evaluate", source(edited(kSum, "y[i] = total", "y[i] = total + 1"))));
  EXPECT_EQ(found_in(wrong).at("outcome"), "wrong_result");

  json confirm = call(5, "evaluate", source(kSum));
  confirm["params"]["arguments"]["confirm"] = true;
  confirm["params"]["_meta"] = {{"progressToken", "p"}};
  const json began = server.ask(confirm);
  EXPECT_EQ(began.at("method"), "notifications/progress");
  EXPECT_EQ(began.at("params").at("progressToken"), "p");
  json confirmed = server.next();
  while (confirmed.contains("method")) confirmed = server.next();
  EXPECT_EQ(found_in(confirmed).at("evidence"), "confirmed");
  EXPECT_GT(found_in(confirmed).at("against_reference").at("speedup"), 0);
  EXPECT_FALSE(found_in(confirmed).at("held_out").empty());

  const json compared = server.ask(
      call(6, "compare",
           {{"task", "row_sum"}, {"problem", "rows=64,cols=256"}, {"a", kSum}, {"b", "naive"}}));
  EXPECT_GT(found_in(compared).at("speedup"), 0);
}

TEST_F(McpTest, NoCallReadsOrWritesAFileOfTheClientsChoosing) {
  write("secret.cpp", kSum);
  Server server(folder_);
  server.ask(hello());
  // A path is not a source: it is judged as text, and has no header.
  for (const std::string& path : {folder_ + "/secret.cpp", std::string("secret.cpp"),
                                  std::string("reduction/row_sum/lanes.cpp")}) {
    const json answer = server.ask(call(1, "evaluate", source(path)));
    EXPECT_EQ(found_in(answer).at("outcome"), "invalid_header") << path;
  }
  const json traversal = server.ask(call(2, "describe_task", {{"task", "../../etc"}}));
  EXPECT_EQ(traversal.at("result").at("isError"), true);
  // The compiler's sandbox does not have what the machine has.
  const json included = server.ask(
      call(3, "evaluate", source(edited(kSum, "#include <kbench.h>", "#include \"/etc/passwd\""))));
  EXPECT_EQ(found_in(included).at("outcome"), "compile_error");
  EXPECT_THAT(included.dump(), testing::Not(HasSubstr("root:")));
  const json trusted = server.ask(
      call(4, "evaluate", source(std::string("// kbench: baseline\n// kbench: link m\n") + kSum)));
  EXPECT_NE(found_in(trusted).at("outcome"), "ok");
  EXPECT_EQ(server.ask(call(5, "best_kernels", {{"task", "row_sum"}})).at("result").at("isError"),
            true)
      << "there is no database";
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/kbench.db"));
}

TEST_F(McpTest, AConfirmedKernelIsAmongTheBestKnownOnesOnTheLeaderboardAndInTheStatus) {
  Server server(folder_);
  server.ask(hello());
  auto confirmed = [&](int id, const std::string& text) {
    json arguments = source(text);
    arguments["confirm"] = true;
    return found_in(server.ask(call(id, "evaluate", arguments)));
  };
  const json first = confirmed(1, kSum);
  ASSERT_TRUE(first.at("stored").contains("evaluation")) << first.dump();
  EXPECT_FALSE(confirmed(2, "naive").at("stored").contains("evaluation"));
  EXPECT_FALSE(confirmed(3, edited(kSum, "y[i] = total", "y[i] = total + 1"))
                   .at("stored")
                   .contains("evaluation"));
  const std::string other = edited(kSum, "-O3 | -O2", "-O2 | -O3");
  EXPECT_TRUE(confirmed(4, other).at("stored").contains("evaluation"));

  const json best = found_in(server.ask(call(5, "best_kernels", {{"task", "row_sum"}})));
  std::vector<std::string> names;
  for (const json& kernel : best.at("kernels")) {
    names.push_back(kernel.at("kernel"));
    if (kernel.at("rank") != 1) continue;
    EXPECT_THAT(kernel.at("source").get<std::string>(), HasSubstr("row_sum"));
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("agent.cpp", "agent.cpp", "naive"));
  const json status = found_in(server.ask(call(6, "campaign_status")));
  ASSERT_EQ(status.at("campaigns").size(), 1u) << "one for the problem";
  EXPECT_EQ(status.at("campaigns")[0].at("strategy"), "agent");
  EXPECT_EQ(status.at("campaigns")[0].at("evaluations"), 3);
  EXPECT_THAT(json_of("leaderboard").dump(), HasSubstr("agent.cpp"));
  const json shown = json_of("show " + first.at("stored").at("evaluation").dump());
  EXPECT_EQ(shown.at("source"), kSum);
  EXPECT_EQ(shown.at("evaluation").at("evidence"), "confirmed");
}

TEST_F(McpTest, AConfirmationIsAnsweredAlsoWhereAnotherProgramWritesToTheDatabase) {
  const auto writer = Store::open(folder_ + "/kbench.db", OpenMode::read_write);
  ASSERT_TRUE(writer) << writer.error().text();
  Server server(folder_);
  server.ask(hello());
  json arguments = source(kSum);
  arguments["confirm"] = true;
  const json found = found_in(server.ask(call(1, "evaluate", arguments)));
  EXPECT_EQ(found.at("evidence"), "confirmed") << found.dump();
  EXPECT_THAT(found.at("stored").at("why_not").get<std::string>(), HasSubstr("another"));
}

TEST_F(McpTest, DeviceFactsAreMeasuredFiguresAndTheThreadsAskedForMustExist) {
  Server server(folder_);
  server.ask(hello());
  const json facts = found_in(server.ask(call(1, "device_facts")));
  EXPECT_GT(facts.at("launch_ns"), 0);
  EXPECT_FALSE(facts.at("compilers").empty());
  EXPECT_FALSE(facts.at("sandbox").get<std::string>().empty());
  EXPECT_GT(facts.at("cache_bytes"), 0) << facts.dump();
  EXPECT_EQ(code_of(server.ask(call(2, "device_facts", {{"threads", 4096}}))), -32602);
}

TEST_F(McpTest, CallsRunOneAfterTheOtherAndPingsAndCancellationsDoNotWait) {
  Server server(folder_);
  server.ask(hello());
  for (const int id : {1, 2, 3}) server.send(call(id, "evaluate", source(kSum)));
  server.send(call(3, "list_tasks"));
  server.send(notification("notifications/cancelled", {{"requestId", 2}}));
  server.send(notification("notifications/cancelled", {{"requestId", 99}}));
  server.send(request("still there", "ping"));
  const json twice = server.next();
  EXPECT_EQ(twice.at("id"), 3);
  EXPECT_EQ(code_of(twice), -32600) << "its id is in use";
  EXPECT_EQ(server.next().at("id"), "still there");
  EXPECT_EQ(server.next().at("id"), 1);
  EXPECT_EQ(server.next().at("id"), 3) << "2 was cancelled";
  for (int id = 10; id < 40; ++id) server.send(call(id, "evaluate", source("int x;")));
  int refused = 0;
  for (int i = 0; i < 30; ++i) refused += server.next().contains("error") ? 1 : 0;
  EXPECT_GT(refused, 0) << "the queue has an end";
  EXPECT_LT(refused, 30);
}

TEST_F(McpTest, ABatchIsAnsweredTogetherWhereTheRevisionHasBatches) {
  Server server(folder_);
  server.ask(hello("2025-03-26"));
  server.send(json::array(
      {request(1, "ping"), notification("notifications/initialized"), call(2, "list_tasks"), 7}));
  const json answers = server.next();
  ASSERT_TRUE(answers.is_array());
  EXPECT_EQ(answers.size(), 3u) << answers.dump();
  // What was cancelled has no part in it, and a batch of nothing but notifications no answer.
  server.send(json::array({notification("notifications/initialized")}));
  server.send(json::array({call(3, "evaluate", source(kSum)), call(4, "list_tasks"),
                           notification("notifications/cancelled", {{"requestId", 4}})}));
  const json one = server.next();
  ASSERT_EQ(one.size(), 1u) << one.dump();
  EXPECT_EQ(one[0].at("id"), 3);
  server.send(json::array());
  EXPECT_EQ(code_of(server.next()), -32600);
  server.send(json(std::vector<json>(65, request(5, "ping"))));
  EXPECT_EQ(code_of(server.next()), -32600) << "at most 64";
  Server newer(folder_);
  newer.ask(hello("2025-06-18"));
  EXPECT_EQ(code_of(newer.ask(json::array({request(1, "ping")}))), -32600);
}

TEST_F(McpTest, AClientThatGoesEndsTheServer) {
  write("asked", hello().dump() + "\n" + call(1, "list_tasks").dump() + "\n");
  const Ran ended = kbench("mcp < asked");
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(lines_of(ended.out).size(), 2u) << "what was asked is answered";
  Server server(folder_);
  server.ask(hello());
  server.hang_up();
  server.send(request(1, "ping"));
  EXPECT_EQ(server.wait(), 3) << "a closed pipe is no reason to stay";
}

}  // namespace
}  // namespace kbench
