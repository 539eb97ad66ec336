#include "results/gate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/results/example.hpp"

namespace kbench {
namespace {

using testing::AllOf;
using testing::HasSubstr;

GateEntry an_entry() {
  GateEntry entry;
  entry.ratio_to_anchor = 0.5;
  entry.tolerance = 0.1;
  return entry;
}
Evaluation right() {
  return example::confirmation(example::candidate()).evaluation;
}
GateReport decided(double ratio, double low, double high) {
  Comparison against;
  against.ratio = ratio;
  against.low = low;
  against.high = high;
  return decide(an_entry(), right(), against);
}

TEST(Gate, PassesWhatKeepsItsRatio) {
  EXPECT_EQ(decided(0.5, 0.49, 0.51).verdict, GateVerdict::passed);
  EXPECT_EQ(decided(0.54, 0.53, 0.56).verdict, GateVerdict::passed) << "within the tolerance";
  EXPECT_TRUE(decided(0.5, 0.49, 0.51).passed());
}

TEST(Gate, FailsWhatIsSlowerBeyondDoubt) {
  const GateReport report = decided(0.6, 0.58, 0.62);
  EXPECT_EQ(report.verdict, GateVerdict::slower);
  EXPECT_THAT(report.explanation, AllOf(HasSubstr("slower by 20.0 %"), HasSubstr("0.580 to 0.620"),
                                        HasSubstr("0.550 with 10.0 %")));
  EXPECT_FALSE(report.passed());
}

TEST(Gate, DoesNotPassWhatMayBeSlower) {
  const GateReport report = decided(0.56, 0.50, 0.62);
  EXPECT_EQ(report.verdict, GateVerdict::undecided);
  EXPECT_FALSE(report.passed());
}

TEST(Gate, PassesWhatImprovedAndSaysSo) {
  const GateReport report = decided(0.4, 0.39, 0.41);
  EXPECT_EQ(report.verdict, GateVerdict::improved);
  EXPECT_THAT(report.explanation, HasSubstr("--update"));
  EXPECT_TRUE(report.passed());
}

TEST(Gate, FailsAWrongKernelHoweverFast) {
  const auto wrong = example::failure(example::candidate(), Outcome::wrong_result, "bound");
  const GateReport report = decide(an_entry(), wrong, example::comparison(0.01));
  EXPECT_EQ(report.verdict, GateVerdict::wrong);
  EXPECT_EQ(report.explanation, "wrong_result (bound): y[3] is 1.5, expected 1.25");
}

TEST(Gate, FailsWhatIsLessProvenThanRequired) {
  Evaluation screened = right();
  screened.evidence = Evidence::screened;
  const GateReport report = decide(an_entry(), screened, example::comparison(0.5));
  EXPECT_EQ(report.verdict, GateVerdict::unproven);
  EXPECT_EQ(report.explanation, "only screened, the policy requires confirmed");
}

TEST(Gate, NeedsABaselineUnlessNoTimeIsAskedFor) {
  GateEntry entry = an_entry();
  entry.ratio_to_anchor.reset();
  EXPECT_EQ(decide(entry, right(), example::comparison(0.5)).verdict, GateVerdict::no_baseline);
  entry.evidence = Evidence::verified;
  EXPECT_EQ(decide(entry, right(), {}).verdict, GateVerdict::passed);
}

TEST(Gate, TakesTheAnchorItselfAsRatioOne) {
  GateEntry entry = an_entry();
  entry.ratio_to_anchor = 1;
  EXPECT_EQ(decide(entry, right(), {}).verdict, GateVerdict::passed);
}

constexpr const char* kPolicy = R"({
  "_comment": "kept",
  "kernels": [
    {"kernel": "a.cpp", "task": "softmax", "_why": "the product's hot path", "anchor": "naive.cpp",
     "params": {"BLOCK": 64, "FLAGS": "-O3"}, "evidence": "screened", "tolerance": 0.02},
    {"task": "gelu", "kernel": "b.cpp", "anchor": "naive.cpp", "ratio_to_anchor": 0.25}
  ],
  "owner": "us"
})";

TEST(GatePolicyFile, IsReadWithItsDefaults) {
  const auto policy = parse_policy(kPolicy, "gate.json").value();
  ASSERT_EQ(policy.entries.size(), 2u);
  const GateEntry& first = policy.entries[0];
  EXPECT_EQ(first.task, "softmax");
  EXPECT_EQ(first.params, (Params{{"BLOCK", "64"}, {"FLAGS", "-O3"}}));
  EXPECT_EQ(first.evidence, Evidence::screened);
  EXPECT_EQ(first.tolerance, 0.02);
  EXPECT_FALSE(first.ratio_to_anchor);
  EXPECT_EQ(policy.entries[1].ratio_to_anchor, 0.25);
  EXPECT_EQ(policy.entries[1].device, "cpu");
  EXPECT_EQ(policy.entries[1].evidence, Evidence::confirmed);
}

TEST(GatePolicyFile, SaysWhatIsWrongAndWhere) {
  const auto complaint = [](const std::string& text) {
    const auto policy = parse_policy(text, "gate.json");
    return policy ? "accepted" : policy.error().text();
  };
  const auto entry = [&](const std::string& fields) {
    return complaint(R"({"kernels": [{"task": "t", "kernel": "k", "anchor": "a")" + fields + "}]}");
  };
  EXPECT_EQ(entry(""), "accepted");
  EXPECT_THAT(complaint("{\n  \"kernels\": [}\n"), HasSubstr("gate.json:2:15"));
  EXPECT_THAT(complaint("{}"), HasSubstr("no list \"kernels\""));
  EXPECT_THAT(complaint(R"({"kernels": []})"), HasSubstr("names no kernel"));
  EXPECT_THAT(complaint(R"({"kernels": [{"task": "t"}]})"),
              AllOf(HasSubstr("gate.json: entry 1"), HasSubstr("'kernel' is missing")));
  EXPECT_THAT(complaint(R"({"kernels": [3]})"), HasSubstr("must be an object"));
  EXPECT_THAT(entry(R"(, "tolerence": 1)"), HasSubstr("tolerance"));
  EXPECT_THAT(entry(R"(, "tolerance": -1)"), HasSubstr("at least 0"));
  EXPECT_THAT(entry(R"(, "tolerance": "1 %")"), HasSubstr("number"));
  EXPECT_THAT(entry(R"(, "ratio_to_anchor": 0)"), HasSubstr("ratio_to_anchor"));
  EXPECT_THAT(entry(R"(, "evidence": "confirmd")"), HasSubstr("confirmed"));
  EXPECT_THAT(entry(R"(, "params": [])"), HasSubstr("must be an object"));
  EXPECT_THAT(read_policy("/none/gate.json").error().text(), HasSubstr("cannot be read"));
}

TEST(GatePolicyFile, AnUpdateChangesTheRatiosOnly) {
  const example::Folder folder;
  std::ofstream(folder.file("gate.json")) << kPolicy;
  const auto policy = read_policy(folder.file("gate.json")).value();
  ASSERT_TRUE(update_policy(policy, {0.123456789, std::nullopt}));
  std::ifstream file(folder.file("gate.json"));
  const auto after = nlohmann::ordered_json::parse(file);
  auto expected = nlohmann::ordered_json::parse(kPolicy);
  expected["kernels"][0]["ratio_to_anchor"] = 0.1235;
  EXPECT_EQ(after.dump(), expected.dump()) << "the order of fields counts";
}

}  // namespace
}  // namespace kbench
