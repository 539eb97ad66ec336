#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "scripted_endpoint.hpp"
#include "search/models/endpoint.hpp"

namespace kbench {
namespace {

using scripted::EndpointServer;
using scripted::says;
using scripted::with;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kOk = "```cpp\nint x;\n```";

class EndpointTest : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("KBENCH_API_KEY");
    setup_.waiting = {[this](std::chrono::milliseconds wait) { waits_.push_back(wait.count()); },
                      [] { return 1.0; }};
    setup_.stop = &stop_;
  }
  std::unique_ptr<Endpoint> connect(EndpointServer& server, const std::string& kind = "openai") {
    auto model = parse_model(kind + ":m@" + server.url());
    EXPECT_TRUE(model) << model.error().text();
    auto endpoint = make_endpoint(*model, setup_);
    EXPECT_TRUE(endpoint) << endpoint.error().text();
    return std::move(*endpoint);
  }
  static ChatRequest request() {
    ChatRequest request;
    request.system = "You write kernels.";
    request.messages = {{ChatMessage::Role::user, "Faster!"}};
    request.max_tokens = 1000;
    request.temperature = 0.5;
    request.seed = 3;
    return request;
  }
  // What one request comes to when the server gives these answers in turn; `requests` is how often
  // it may be sent.
  Exchange ask(std::deque<EndpointServer::Answer> answers, size_t requests = 1,
               const std::string& kind = "openai") {
    const size_t prepared = answers.size();
    EndpointServer server(std::move(answers));
    Exchange exchange = connect(server, kind)->ask(request());
    EXPECT_EQ(server.requests().size(), requests) << "of " << prepared << " answers";
    EXPECT_EQ(exchange.attempts, static_cast<int>(requests));
    return exchange;
  }
  static ModelFailure failure(const Exchange& exchange) {
    EXPECT_FALSE(exchange.reply) << exchange.reply->text;
    return exchange.reply ? ModelFailure::unchanged : exchange.reply.error().kind;
  }

  EndpointSetup setup_;
  std::vector<int64_t> waits_;
  std::atomic<bool> stop_ = false;
};

TEST_F(EndpointTest, AGoodReplyComesWithItsTokensAndTheBytesThatWereSent) {
  const Exchange exchange = ask({says(kOk)});
  ASSERT_TRUE(exchange.reply) << exchange.reply.error().message;
  EXPECT_EQ(exchange.reply->text, kOk);
  ASSERT_TRUE(exchange.use);
  EXPECT_EQ(exchange.use->input, 100);
  EXPECT_EQ(exchange.use->output, 20);
  const auto sent = nlohmann::json::parse(exchange.request);
  EXPECT_EQ(sent["model"], "m");
  EXPECT_EQ(sent["messages"][0]["role"], "system");
  EXPECT_EQ(sent["messages"][1]["content"], "Faster!");
  EXPECT_EQ(exchange.response, scripted::completion(kOk));
  EXPECT_TRUE(waits_.empty());
}

TEST_F(EndpointTest, TheMessagesApiHasItsOwnFormAndItsThinkingApart) {
  setenv("KBENCH_API_KEY", "secret-key", 1);
  EndpointServer server(
      {with(200, R"({"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"yes"}],)"
                 R"("stop_reason":"end_turn","usage":{"input_tokens":7,"output_tokens":2}})")});
  const Exchange exchange = connect(server, "anthropic")->ask(request());
  ASSERT_TRUE(exchange.reply) << exchange.reply.error().message;
  EXPECT_EQ(exchange.reply->text, "yes");
  EXPECT_EQ(exchange.reply->thinking, "hm");
  EXPECT_EQ(exchange.use->input, 7);
  const auto got = server.requests().at(0);
  EXPECT_EQ(got.path, "/v1/messages");
  EXPECT_EQ(got.get_header_value("x-api-key"), "secret-key");
  EXPECT_EQ(got.get_header_value("anthropic-version"), "2023-06-01");
  EXPECT_EQ(server.bodies()[0]["system"], "You write kernels.");
  EXPECT_EQ(server.bodies()[0]["max_tokens"], 1000);
}

TEST_F(EndpointTest, TheMessagesApiSaysWhenItRefusesOrIsCutShort) {
  auto stop = [](const std::string& reason) {
    return with(200, R"({"content":[{"type":"text","text":"a"}],"stop_reason":")" + reason + "\"}");
  };
  EXPECT_EQ(failure(ask({stop("refusal")}, 1, "anthropic")), ModelFailure::refused);
  EXPECT_EQ(failure(ask({stop("max_tokens")}, 1, "anthropic")), ModelFailure::truncated);
  EXPECT_EQ(failure(ask({with(200, R"({"content":[],"stop_reason":"end_turn"})")}, 1, "anthropic")),
            ModelFailure::empty);
}

TEST_F(EndpointTest, NullContentIsEmptyAndAContentFilterRefuses) {
  EXPECT_EQ(failure(ask({says(nullptr)})), ModelFailure::empty);
  EXPECT_EQ(failure(ask({says("", "content_filter")})), ModelFailure::refused);
}

TEST_F(EndpointTest, AReplyThatRanIntoItsLimitIsTruncatedAndItsTokensCount) {
  const Exchange exchange = ask({says("```cpp\nint", "length")});
  EXPECT_EQ(failure(exchange), ModelFailure::truncated);
  EXPECT_EQ(exchange.use->output, 20);
}

TEST_F(EndpointTest, AFieldThatA400NamesIsLeftOutOnceAndForAll) {
  EndpointServer server(
      {with(400, R"({"error":{"message":"Unsupported value: 'temperature' is not supported"}})"),
       says(kOk), says(kOk)});
  auto endpoint = connect(server);
  EXPECT_TRUE(endpoint->ask(request()).reply);
  EXPECT_TRUE(endpoint->ask(request()).reply);
  const auto bodies = server.bodies();
  ASSERT_EQ(bodies.size(), 3u);
  EXPECT_TRUE(bodies[0].contains("temperature"));
  EXPECT_FALSE(bodies[1].contains("temperature"));
  EXPECT_FALSE(bodies[2].contains("temperature"));
  EXPECT_TRUE(bodies[2].contains("seed"));
}

TEST_F(EndpointTest, TheReplysLimitGoesByItsNewerNameWhereA400AsksForIt) {
  EndpointServer server(
      {with(400, R"({"error":{"message":"'max_tokens' is not supported with this model. Use )"
                 R"('max_completion_tokens' instead."}})"),
       says(kOk)});
  EXPECT_TRUE(connect(server)->ask(request()).reply);
  EXPECT_EQ(server.bodies().at(1)["max_completion_tokens"], 1000);
  EXPECT_FALSE(server.bodies().at(1).contains("max_tokens"));
}

TEST_F(EndpointTest, A400IsAskedOnceMoreAtMost) {
  const auto no = [](const std::string& field) {
    return with(400, R"({"error":{"message":"unknown field ")" + field + "\"}}");
  };
  EXPECT_EQ(failure(ask({with(400, R"({"error":{"message":"no such model"}})")})),
            ModelFailure::rejected);
  EXPECT_EQ(failure(ask({no("temperature"), no("seed")}, 2)), ModelFailure::rejected);
}

TEST_F(EndpointTest, RetryAfterIsWaitedForAndBackOffGrowsWithoutIt) {
  const Exchange exchange =
      ask({with(429, "slow down", "7"), with(529, "overloaded"), with(503, ""), says(kOk)}, 4);
  EXPECT_TRUE(exchange.reply);
  EXPECT_THAT(waits_, ElementsAre(7000 + 100, 2000, 4000));
}

TEST_F(EndpointTest, OnlySoManyAttemptsAreMade) {
  setup_.attempts = 3;
  const auto busy = with(529, R"({"type":"error","error":{"type":"overloaded_error"}})");
  const Exchange exchange = ask({busy, busy, busy, says(kOk)}, 3);
  EXPECT_EQ(failure(exchange), ModelFailure::rate_limit);
  EXPECT_FALSE(exchange.delivered) << "nobody worked on it";
}

TEST_F(EndpointTest, AServerThatWantsAnHourIsNotWaitedFor) {
  EXPECT_EQ(failure(ask({with(429, "later", "3600")})), ModelFailure::rate_limit);
  EXPECT_TRUE(waits_.empty());
}

TEST_F(EndpointTest, AnExhaustedQuotaIsFinal) {
  const Exchange exchange = ask({with(429, R"({"error":{"code":"insufficient_quota"}})", "1")});
  EXPECT_EQ(failure(exchange), ModelFailure::quota);
  EXPECT_TRUE(is_final(ModelFailure::quota));
  EXPECT_EQ(failure(ask({with(400, R"({"error":{"message":"Your credit balance is too low"}})")})),
            ModelFailure::quota);
}

TEST_F(EndpointTest, AnErrorInsideA200IsAFailureWithItsWords) {
  const Exchange exchange = ask({with(200, R"({"error":{"message":"backend crashed"}})")});
  EXPECT_EQ(failure(exchange), ModelFailure::transport);
  EXPECT_THAT(exchange.reply.error().message, HasSubstr("backend crashed"));
  EXPECT_EQ(failure(ask({with(200, "<html>")})), ModelFailure::transport);
  EXPECT_EQ(failure(ask({with(200, R"({"choices":[]})")})), ModelFailure::transport);
}

TEST_F(EndpointTest, ABrokenStreamIsNeverSentAgainAndKeepsWhatCame) {
  const Exchange exchange = ask({[](const httplib::Request&, httplib::Response& response) {
                                   response.set_chunked_content_provider(
                                       "application/json", [](size_t, httplib::DataSink& sink) {
                                         sink.write("{\"choices\":", 11);
                                         return false;
                                       });
                                 },
                                 says(kOk)});
  EXPECT_EQ(failure(exchange), ModelFailure::transport);
  EXPECT_TRUE(exchange.delivered) << "it may have to be paid for";
  EXPECT_EQ(exchange.response, "{\"choices\":");
}

TEST_F(EndpointTest, AHangEndsAtTheLimitAndIsNeverSentAgain) {
  setup_.limit = std::chrono::milliseconds(200);
  std::atomic<bool> over = false;
  EndpointServer server({[&](const httplib::Request&, httplib::Response&) {
    while (!over) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }});
  const Exchange exchange = connect(server)->ask(request());
  over = true;
  EXPECT_EQ(failure(exchange), ModelFailure::transport);
  EXPECT_TRUE(exchange.delivered);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(EndpointTest, AServerErrorMayHaveCostMoneyAndIsNotRepeated) {
  const Exchange exchange = ask({with(500, "oops"), says(kOk)});
  EXPECT_EQ(failure(exchange), ModelFailure::transport);
  EXPECT_TRUE(exchange.delivered);
}

TEST_F(EndpointTest, WhereNobodyListensItTriesAgainAndSaysSo) {
  std::string url;
  {
    EndpointServer gone;
    url = gone.url();
  }
  auto endpoint = make_endpoint(*parse_model("openai:m@" + url), setup_);
  const Exchange exchange = (*endpoint)->ask(request());
  EXPECT_EQ(failure(exchange), ModelFailure::transport);
  EXPECT_FALSE(exchange.delivered);
  EXPECT_EQ(waits_.size(), 5u);
}

TEST_F(EndpointTest, AKeyComesFromTheEnvironmentOrAFileAndIsShownNowhere) {
  const std::string file = testing::TempDir() + "kbench_key";
  std::ofstream(file) << "top-secret-7\n";
  setup_.key_file = file;
  EndpointServer server(
      {with(401, R"({"error":{"message":"Incorrect API key provided: top-secret-7"}})")});
  const Exchange exchange = connect(server)->ask(request());
  std::filesystem::remove(file);
  EXPECT_EQ(server.requests().at(0).get_header_value("authorization"), "Bearer top-secret-7");
  EXPECT_EQ(failure(exchange), ModelFailure::rejected);
  for (const std::string& text :
       {exchange.request, exchange.response, exchange.reply.error().message}) {
    EXPECT_EQ(text.find("top-secret-7"), std::string::npos) << text;
  }
}

TEST_F(EndpointTest, AVendorsKeyGoesToThatVendorOnly) {
  setenv("OPENAI_API_KEY", "for-the-vendor", 1);
  EndpointServer server({says(kOk)});
  EXPECT_TRUE(connect(server)->ask(request()).reply);
  unsetenv("OPENAI_API_KEY");
  EXPECT_FALSE(server.requests().at(0).has_header("authorization"));
}

TEST_F(EndpointTest, EightCallsAtOnceEachArriveOnceAndGetTheirOwnAnswer) {
  EndpointServer server;
  server.always = [](const httplib::Request& got, httplib::Response& response) {
    const auto body = nlohmann::json::parse(got.body);
    response.set_content(scripted::completion(body["messages"][0]["content"]), "application/json");
  };
  auto endpoint = connect(server);
  std::vector<std::thread> threads;
  std::mutex guard;
  std::multiset<std::string> answers, expected;
  for (int i = 0; i < 8; ++i) {
    expected.insert("prompt " + std::to_string(i));
    threads.emplace_back([&, i] {
      ChatRequest own;
      own.messages = {{ChatMessage::Role::user, "prompt " + std::to_string(i)}};
      const Exchange exchange = endpoint->ask(own);
      const std::lock_guard<std::mutex> held(guard);
      answers.insert(exchange.reply ? exchange.reply->text : exchange.reply.error().message);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answers, expected);
  EXPECT_EQ(server.requests().size(), 8u);
}

TEST_F(EndpointTest, ACommandReadsThePromptAndWritesTheReply) {
  auto ask_command = [&](const std::string& command) {
    auto endpoint = make_endpoint(*parse_model("command:" + command), setup_);
    return (*endpoint)->ask(request());
  };
  const Exchange good = ask_command("tr a-z A-Z");
  ASSERT_TRUE(good.reply) << good.reply.error().message;
  EXPECT_THAT(good.reply->text, HasSubstr("FASTER!"));
  EXPECT_EQ(failure(ask_command("exit 3")), ModelFailure::transport);
  EXPECT_EQ(failure(ask_command("true")), ModelFailure::empty);
  setup_.limit = std::chrono::milliseconds(100);
  EXPECT_EQ(failure(ask_command("sleep 30")), ModelFailure::transport);
}

TEST_F(EndpointTest, AModelsNameIsReadAndWrongOnesSayWhatToWrite) {
  auto model = parse_model("openai:org/llama@2@http://localhost:8000/v1/");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->name, "org/llama@2");
  EXPECT_EQ(model->url, "http://localhost:8000/v1");
  EXPECT_EQ(model->text(), "openai:org/llama@2@http://localhost:8000/v1");
  EXPECT_THAT(parse_model("opena:m").error().text(), HasSubstr("did you mean 'openai'"));
  EXPECT_THAT(parse_model("gpt").error().text(), HasSubstr("KIND:NAME"));
  EXPECT_THAT(parse_model("openai:m@http://me:pass@host/v1").error().text(), HasSubstr("password"));
}

}  // namespace
}  // namespace kbench
