#include "harness/evaluation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace kbench {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Problem a_problem() {
  return {.task = "matmul",
          .variant = "f16",
          .dims = {{"m", 1024}, {"n", int64_t{1} << 40}},
          .fill = "normal",
          .cache = CacheMode::cold,
          .threads = 2};
}

Candidate a_candidate() {
  return {
      "void f() {}\n", "fast \"one\".cpp", {{"BLOCK", "64"}, {"FLAGS", "-O3 -g"}}, "cuda", "g++"};
}

Evaluation an_evaluation() {
  Evaluation it;
  it.id = 7;
  it.outcome = Outcome::wrong_result;
  it.rule = "bound";
  it.message = "y[3] is 1.5";
  it.evidence = Evidence::compiled;
  it.kernel_hash = "aa";
  it.candidate_hash = "bb";
  it.build_hash = "cc";
  it.equivalent_hash = "dd";
  it.params = {{"BLOCK", "64"}};
  it.problem = a_problem();
  it.device = "cpu";
  it.device_model = "Some CPU";
  it.compiler = "g++ 12.2";
  it.target = "x86-64";
  it.sandbox = "bwrap";
  it.timing = summarise({3, 1, 2.5, 0.1, 100});
  it.costs = {1.5, 2.5, 3.5, 4.5, 5.5};
  it.flops = 1e18;
  it.bytes = 3e9;
  it.roofline_share = 0.1 + 0.2;
  it.code_bytes = 1 << 20;
  it.prepare_ns = 12;
  it.call_joules = 0.25;
  it.rms_error = 0.125;
  it.workspace_bytes = int64_t{1} << 40;
  it.log = "line one\nline two";
  it.notes = {"clock dropped", "noisy"};
  it.seed = std::numeric_limits<uint64_t>::max();
  return it;
}

Comparison a_comparison() {
  return {Verdict::faster, 0.8, 0.79, 0.81, 0.99, 5, 2, 80, 100, {-0.22, -0.23}, {}};
}

// A value sent through text comes back with every field: what is written from it is the same.
template <class T>
json there_and_back(const T& value) {
  const json sent = value;
  const T received = json::parse(sent.dump()).get<T>();
  EXPECT_EQ(json(received), sent);
  EXPECT_NE(sent, json(T{})) << "the value under test must differ from the default";
  return sent;
}

// Every field of `sent` differs from its default, so that none can be forgotten in one direction.
template <class T>
void expect_all_fields_set(const json& sent) {
  const json empty = T{};
  for (const auto& [name, value] : empty.items()) {
    EXPECT_TRUE(sent.contains(name)) << name;
    EXPECT_NE(sent.value(name, json()), value)
        << name << " is the default: the test proves nothing";
  }
}

TEST(EvaluationJson, KeepsEveryFieldOfAnEvaluation) {
  const json sent = there_and_back(an_evaluation());
  expect_all_fields_set<Evaluation>(sent);
  const Evaluation back = sent.get<Evaluation>();
  EXPECT_EQ(back.problem, a_problem());
  EXPECT_EQ(back.seed, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(back.roofline_share, 0.1 + 0.2);
  EXPECT_EQ(back.outcome, Outcome::wrong_result);
  EXPECT_EQ(back.evidence, Evidence::compiled);
  EXPECT_EQ(back.timing.samples_ns, (std::vector<double>{3, 1, 2.5, 0.1, 100}));
}

TEST(EvaluationJson, KeepsEveryFieldOfTheOthers) {
  expect_all_fields_set<Problem>(there_and_back(a_problem()));
  expect_all_fields_set<Candidate>(there_and_back(a_candidate()));
  const EvaluationRequest request{3, a_candidate(), a_problem(), "emulated", Evidence::verified,
                                  9, 0.25,          true};
  expect_all_fields_set<EvaluationRequest>(there_and_back(request));
  Comparison comparison = a_comparison();
  comparison.confidence = 0.95;
  expect_all_fields_set<Comparison>(there_and_back(comparison));
  const ConfirmationRequest confirm{
      4, a_candidate(), a_candidate(), a_candidate(), a_problem(), "emulated", 3, 123.5};
  const json sent = there_and_back(confirm);
  EXPECT_TRUE(sent.contains("incumbent") && sent.contains("anchor"));
  const Confirmation confirmed{5,    an_evaluation(), a_comparison(), a_comparison(),
                               0.02, {a_problem()}};
  EXPECT_TRUE(there_and_back(confirmed).contains("against_anchor"));
}

TEST(EvaluationJson, LeavesAbsentOptionalsOut) {
  ConfirmationRequest request;
  request.candidate = a_candidate();
  const json sent = request;
  EXPECT_FALSE(sent.contains("incumbent"));
  EXPECT_FALSE(sent.get<ConfirmationRequest>().anchor.has_value());
}

TEST(EvaluationJson, MissingFieldsKeepTheirDefaultsAndUnknownOnesAreIgnored) {
  const auto problem = json::parse(R"({"task": "gelu", "future": 1})").get<Problem>();
  EXPECT_EQ(problem.task, "gelu");
  EXPECT_EQ(problem.threads, 1);
}

TEST(EvaluationJson, AWrongValueNamesItsField) {
  const auto message_of = [](const char* text) -> std::string {
    try {
      static_cast<void>(json::parse(text).get<Evaluation>());
    } catch (const json::exception& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(message_of(R"({"outcome": "crashd"})"), HasSubstr("field 'outcome'"));
  EXPECT_THAT(message_of(R"({"outcome": "crashd"})"), HasSubstr("crashed"));
  EXPECT_THAT(message_of(R"({"problem": {"dims": 3}})"), HasSubstr("field 'dims'"));
  EXPECT_THAT(message_of("[]"), HasSubstr("not an object"));
}

TEST(Verdicts, AreNamedBothWays) {
  for (Verdict verdict : {Verdict::faster, Verdict::slower, Verdict::same, Verdict::inconclusive}) {
    EXPECT_EQ(parse_verdict(name_of(verdict)), verdict);
  }
  EXPECT_THAT(parse_verdict("fastr").error().text(), HasSubstr("faster"));
}

TEST(Summary, OfNoSamplesIsZero) {
  EXPECT_EQ(summarise({}).median_ns, 0);
}

TEST(Summary, HasTheFiveNumbersAndKeepsTheOrderOfSamples) {
  const Timing timing = summarise({5, 1, 4, 2});
  EXPECT_EQ(timing.samples_ns, (std::vector<double>{5, 1, 4, 2}));
  EXPECT_EQ(timing.min_ns, 1);
  EXPECT_DOUBLE_EQ(timing.q1_ns, 1.75);
  EXPECT_DOUBLE_EQ(timing.median_ns, 3);
  EXPECT_DOUBLE_EQ(timing.q3_ns, 4.25);
  EXPECT_EQ(timing.max_ns, 5);
  EXPECT_EQ(timing.outliers, 0);
}

TEST(Summary, FlagsOutliersOnBothSidesAndKeepsThem) {
  const Timing timing = summarise({10, 10.1, 10.2, 9.9, 10, 10.1, 50, 0.1});
  EXPECT_EQ(timing.outliers, 2);
  EXPECT_EQ(timing.samples_ns.size(), 8u);
  EXPECT_EQ(timing.max_ns, 50);
}

}  // namespace
}  // namespace kbench
