#include "results/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "results/curve_svg.hpp"
#include "tests/results/example.hpp"

namespace kbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A store with a campaign, a ranking and failures; what depends on the clock is fixed afterwards.
Report a_report() {
  const example::Folder folder;
  const auto store = example::open(folder.file());
  const int64_t campaign = example::begin(*store);
  const std::vector<double> times = {4.1e6, 4.3e6, 2.2e6, 0, 2.5e6, 1.7e6, 0, 1.71e6};
  for (size_t i = 0; i < times.size(); ++i) {
    const Candidate of = example::candidate(static_cast<int>(16 << i));
    const auto sequence = static_cast<int64_t>(i);
    const Evaluation evaluation =
        times[i] > 0 ? example::evaluation(of, times[i], sequence)
                     : example::failure(of, Outcome::wrong_result, "bound", sequence);
    EXPECT_TRUE(store->record(campaign, sequence, of, evaluation, "kbench eval online.cpp"));
  }
  const Candidate naive = example::candidate(16, "naive.cpp");
  const Candidate tricky = example::candidate(512, "a<b>|\"x\",&.cpp");
  EXPECT_TRUE(
      store->record(campaign, naive, example::confirmation(naive), "kbench eval naive.cpp"));
  EXPECT_TRUE(store->record(campaign, tricky, example::confirmation(tricky, 0.4),
                            "kbench eval 'a<b>|\"x\",&.cpp' --param BLOCK=512"));
  EXPECT_TRUE(store->end_campaign(campaign, "done"));
  Report report = collect_report(*store).value();
  report.when = "2026-01-31T12:34:56.789Z";
  report.version = "0.1.0";
  for (TaskReport& task : report.tasks) {
    for (LeaderboardRow& row : task.leaderboard) row.when = report.when;
    for (CampaignView& view : task.campaigns) {
      view.record.started = view.record.ended = report.when;
    }
  }
  return report;
}

std::string render(const std::string& format, const Report& report) {
  return report_formats().find(format).value()->render(report);
}

class GoldenReport : public testing::TestWithParam<const char*> {};

// KBENCH_UPDATE_GOLDEN=1 writes the files anew, to be looked at before they are committed.
TEST_P(GoldenReport, IsAsItWas) {
  const std::string path =
      std::string(KBENCH_SOURCE_DIR) + "/tests/results/golden/report." + GetParam();
  const std::string rendered = render(GetParam(), a_report());
  if (std::getenv("KBENCH_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << rendered;
  std::stringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(rendered, golden.str());
}
INSTANTIATE_TEST_SUITE_P(Formats, GoldenReport, testing::Values("csv", "html", "json", "md"),
                         [](const auto& format) { return std::string(format.param); });

TEST(Report, HasTheCurveOfImprovementsAndTheFailures) {
  const Report report = a_report();
  const CampaignView& view = report.tasks.at(0).campaigns.at(0);
  EXPECT_EQ(view.asked, 8);
  EXPECT_EQ(view.failed, 2);
  std::vector<int64_t> improved;
  for (const CurvePoint& point : view.improvements) improved.push_back(point.sequence);
  EXPECT_THAT(improved, ElementsAre(0, 2, 5));
  EXPECT_EQ(view.tried.size(), 6u);
}

TEST(Report, AnAskForAPartOfAScreenNeitherFailedNorImprovedAnything) {
  const example::Folder folder;
  const auto store = example::open(folder.file());
  const int64_t campaign = example::begin(*store);
  const Candidate of = example::candidate();
  Evaluation part = example::evaluation(of, 1e6);
  part.evidence = Evidence::verified;
  ASSERT_TRUE(store->record(campaign, 0, of, part, "kbench eval online.cpp"));
  const CampaignView view = collect_report(*store).value().tasks.at(0).campaigns.at(0);
  EXPECT_EQ(view.asked, 1);
  EXPECT_EQ(view.failed, 0);
  EXPECT_TRUE(view.improvements.empty());
}

TEST(Report, OfAnotherTaskHasNothing) {
  const example::Folder folder;
  const auto store = example::open(folder.file());
  example::begin(*store);
  EXPECT_TRUE(collect_report(*store, "gelu").value().tasks.empty());
  EXPECT_EQ(collect_report(*store, "softmax").value().tasks.size(), 1u);
}

TEST(Report, EveryFormatSaysSomethingOfAnEmptyStore) {
  for (const std::string& format : report_formats().names()) {
    EXPECT_FALSE(render(format, {}).empty()) << format;
  }
  EXPECT_THAT(report_formats().find("htm").error().text(), HasSubstr("html"));
}

TEST(HtmlReport, LetsNoValueBecomeMarkup) {
  const std::string html = render("html", a_report());
  EXPECT_THAT(html, HasSubstr("a&lt;b&gt;|&quot;x&quot;,&amp;.cpp"));
  EXPECT_THAT(html, Not(HasSubstr("a<b>")));
}

TEST(HtmlReport, LoadsNothingFromElsewhere) {
  const std::string html = render("html", a_report());
  for (const char* reference : {"http:", "https:", "src=", "@import", "url(", "<script"}) {
    EXPECT_THAT(html, Not(HasSubstr(reference)));
  }
}

TEST(MarkdownReport, KeepsItsTablesWhole) {
  EXPECT_THAT(render("md", a_report()), HasSubstr("a\\<b\\>\\|\"x\",&.cpp"));
}

TEST(CsvReport, QuotesWhatHoldsSeparators) {
  EXPECT_THAT(render("csv", a_report()), HasSubstr("\"a<b>|\"\"x\"\",&.cpp\""));
}

TEST(JsonReport, IsReadable) {
  const auto json = nlohmann::json::parse(render("json", a_report()));
  EXPECT_EQ(json["format"], "kbench-report-1");
  EXPECT_EQ(json["tasks"][0]["leaderboard"][0]["ratio_to_anchor"], 0.4);
  EXPECT_EQ(json["tasks"][0]["campaigns"][0]["improvements"].size(), 3u);
}

TEST(Curve, OfNothingThatRanIsEmpty) {
  EXPECT_EQ(curve_svg({}), "");
}

TEST(Curve, StaysFiniteWhenAllTimesAreEqual) {
  CampaignView view;
  view.asked = 1;
  view.improvements = view.tried = {{0, 1000}};
  EXPECT_THAT(curve_svg(view), Not(HasSubstr("nan")));
  EXPECT_THAT(curve_svg(view), Not(HasSubstr("inf\"")));
}

}  // namespace
}  // namespace kbench
