#include "results/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/environment.hpp"
#include "tests/results/example.hpp"

namespace kbench {
namespace {

using example::candidate;
using nlohmann::json;
using testing::ElementsAre;

class StoreTest : public testing::Test {
 protected:
  int64_t record(const Candidate& of, const Evaluation& evaluation, int64_t parent = 0) {
    const auto id = store_->record(campaign_, evaluation.id, of, evaluation, "kbench eval", parent);
    EXPECT_TRUE(id) << id.error().text();
    return id.value_or(0);
  }
  int64_t record(const Candidate& of, const Confirmation& confirmation) {
    const auto id = store_->record(campaign_, of, confirmation, "kbench eval", 0);
    EXPECT_TRUE(id) << id.error().text();
    return id.value_or(0);
  }
  StoredEvaluation read(int64_t id) const { return store_->evaluation(id).value().value(); }
  std::vector<int64_t> ids(const Selection& selection) const {
    std::vector<int64_t> seen;
    EXPECT_TRUE(store_->for_each(
        [&](const StoredEvaluation& row) {
          seen.push_back(row.id);
          return true;
        },
        selection));
    return seen;
  }

  example::Folder folder_;
  std::unique_ptr<Store> store_ = example::open(folder_.file());
  int64_t campaign_ = example::begin(*store_);
};

TEST_F(StoreTest, GivesBackEveryFieldOfAnEvaluation) {
  const Candidate of = candidate();
  const Evaluation sent = example::evaluation(of, 1234.56789, 3);
  const int64_t parent = record(of, example::evaluation(of));
  const StoredEvaluation back = read(record(of, sent, parent));
  EXPECT_EQ(json(back.evaluation), json(sent));
  EXPECT_EQ(back.source, of.kernel_text);
  EXPECT_EQ(back.kernel_name, of.kernel_name);
  EXPECT_EQ(back.language, "cpp");
  EXPECT_EQ(back.command, "kbench eval");
  EXPECT_EQ(back.campaign, campaign_);
  EXPECT_EQ(back.sequence, 3);
  EXPECT_EQ(back.parent, parent);
  EXPECT_EQ(back.when.size(), std::string("2026-01-01T00:00:00.000Z").size());
  EXPECT_FALSE(back.against_anchor || back.shrinkage);
}

TEST_F(StoreTest, GivesBackAFailureWithItsLog) {
  const Candidate of = candidate();
  const Evaluation sent = example::failure(of, Outcome::wrong_result, "bound");
  EXPECT_EQ(json(read(record(of, sent)).evaluation), json(sent));
}

TEST_F(StoreTest, KeepsTextsThatAreEmptyOrNoUtf8) {
  Candidate of = candidate();
  of.kernel_text = "";
  of.kernel_name = "\xff.cpp";
  Evaluation sent = example::failure(of, Outcome::invalid_header, "");
  sent.kernel_hash = sent.candidate_hash = sent.build_hash = "";
  sent.log = std::string("a\0b\xfe", 4);
  const StoredEvaluation back = read(record(of, sent));
  EXPECT_EQ(back.evaluation.log, sent.log);
  EXPECT_EQ(back.kernel_name, of.kernel_name);
  EXPECT_EQ(back.source, "");
  EXPECT_EQ(back.evaluation.candidate_hash, "");
  EXPECT_EQ(back.evaluation.kernel_hash, sha256("")) << "known though the judge left it out";
}

TEST_F(StoreTest, GivesBackAConfirmationWithItsComparisons) {
  const Candidate of = candidate();
  Confirmation sent = example::confirmation(of, 0.8);
  sent.against_incumbent = example::comparison(0.999);
  const StoredEvaluation back = read(record(of, sent));
  EXPECT_EQ(json(back.evaluation), json(sent.evaluation));
  EXPECT_EQ(json(*back.against_anchor), json(*sent.against_anchor));
  EXPECT_EQ(json(*back.against_incumbent), json(*sent.against_incumbent));
  EXPECT_EQ(back.shrinkage, sent.shrinkage);
  EXPECT_EQ(back.held_out, sent.held_out);
}

TEST_F(StoreTest, AnUnknownEvaluationOrCampaignIsNothing) {
  EXPECT_FALSE(store_->evaluation(99).value().has_value());
  EXPECT_FALSE(store_->campaign(99).value().has_value());
}

TEST_F(StoreTest, LogsAnAskBeforeItsResult) {
  const Candidate of = candidate();
  const std::string kernel = sha256(of.kernel_text);
  ASSERT_TRUE(store_->record_intent(campaign_, 0, kernel, of.params));
  ASSERT_TRUE(store_->record_intent(campaign_, 1, kernel, candidate(128).params));
  ASSERT_TRUE(store_->record_intent(campaign_, 2, kernel, candidate(256).params));
  const int64_t ok = record(of, example::evaluation(of, 500, 0));
  record(candidate(256), example::failure(candidate(256), Outcome::crashed, "signal", 2));

  const auto asks = store_->asks(campaign_).value();
  ASSERT_EQ(asks.size(), 3u);
  EXPECT_EQ(asks[0].kernel_hash, kernel);
  EXPECT_EQ(asks[0].params, of.params);
  EXPECT_EQ(asks[0].evaluation_id, ok);
  EXPECT_EQ(asks[0].value_ns, 500);
  EXPECT_EQ(asks[1].params, candidate(128).params);
  EXPECT_FALSE(asks[1].evaluation_id || asks[1].value_ns) << "open";
  EXPECT_TRUE(asks[2].evaluation_id);
  EXPECT_FALSE(asks[2].value_ns);
  EXPECT_EQ(asks[2].outcome, Outcome::crashed);
}

TEST_F(StoreTest, KeepsWhatACampaignWasAndHowItEnded) {
  ASSERT_TRUE(store_->end_campaign(campaign_, "interrupted"));
  const CampaignRecord back = store_->campaign(campaign_).value().value();
  const CampaignRecord sent = example::campaign();
  EXPECT_EQ(back.task, sent.task);
  EXPECT_EQ(back.device, sent.device);
  EXPECT_EQ(back.strategy, sent.strategy);
  EXPECT_EQ(back.command, sent.command);
  EXPECT_EQ(back.options_json, sent.options_json);
  EXPECT_EQ(back.kernels_json, sent.kernels_json);
  EXPECT_EQ(back.environment_json, sent.environment_json);
  EXPECT_EQ(back.problem, sent.problem);
  EXPECT_EQ(back.seed, sent.seed);
  EXPECT_EQ(back.state, "interrupted");
  EXPECT_FALSE(back.started.empty() || back.ended.empty());
  example::begin(*store_);
  EXPECT_TRUE(store_->campaigns().value().at(1).ended.empty());
}

TEST_F(StoreTest, FindsTheNewestAnswerToTheSameQuestionOnly) {
  const Candidate of = candidate();
  record(of, example::evaluation(of, 100));
  const int64_t newest = record(of, example::evaluation(of, 200, 1));
  const Evaluation it = example::evaluation(of);
  const Conditions same = {it.device_model, kJudgeVersion, it.compiler, it.target, "f00d"};
  const auto find = [&](const Problem& problem, const Conditions& conditions) {
    return store_->find(it.candidate_hash, problem, conditions).value();
  };
  const auto found = find(it.problem, same);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, newest);
  EXPECT_FALSE(find(example::problem(1), same));
  for (std::string Conditions::*part :
       {&Conditions::device_model, &Conditions::judge_version, &Conditions::compiler,
        &Conditions::target, &Conditions::task_hash}) {
    Conditions other = same;
    other.*part = "another";
    EXPECT_FALSE(find(it.problem, other));
  }
}

TEST_F(StoreTest, SelectsByTaskCampaignKernelAndEvidence) {
  const Candidate a = candidate(64, "a.cpp");
  const Candidate b = candidate(64, "b.cpp");
  record(a, example::evaluation(a));
  record(b, example::evaluation(b, 900, 1));
  record(a, example::confirmation(a));
  campaign_ = example::begin(*store_);
  Evaluation other = example::evaluation(b);
  other.problem.task = "gelu";
  record(b, other);

  EXPECT_THAT(ids({}), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(ids({.task = "softmax"}), ElementsAre(1, 2, 3));
  EXPECT_THAT(ids({.campaign = 2}), ElementsAre(4));
  EXPECT_THAT(ids({.kernel_hash = sha256(b.kernel_text)}), ElementsAre(2, 4));
  EXPECT_THAT(ids({.evidence = Evidence::confirmed}), ElementsAre(3));
  EXPECT_THAT(ids({.campaign = 1, .newest_first = true}), ElementsAre(3, 2, 1));
}

TEST_F(StoreTest, AVisitCanStopAndAskTheStoreMeanwhile) {
  const Candidate of = candidate();
  for (int i = 0; i < 3; ++i) record(of, example::evaluation(of, 100, i));
  int seen = 0;
  ASSERT_TRUE(store_->for_each([&](const StoredEvaluation& row) {
    EXPECT_TRUE(store_->for_each([](const StoredEvaluation&) { return true; }));
    EXPECT_TRUE(store_->evaluation(row.id).value());
    return ++seen < 2;
  }));
  EXPECT_EQ(seen, 2);
}

TEST_F(StoreTest, BestScreenedIgnoresFailuresAndConfirmations) {
  EXPECT_FALSE(store_->best_screened(campaign_).value());
  const Candidate of = candidate();
  record(of, example::evaluation(of, 300, 0));
  const int64_t best = record(of, example::evaluation(of, 200, 1));
  record(of, example::failure(of, Outcome::crashed, "signal", 2));
  record(of, example::confirmation(of, 0.01));
  EXPECT_EQ(store_->best_screened(campaign_).value(), best);
}

TEST_F(StoreTest, CountsOutcomesOfATask) {
  const Candidate of = candidate();
  for (int i = 0; i < 3; ++i) record(of, example::evaluation(of, 100, i));
  record(of, example::failure(of, Outcome::crashed, "signal", 3));
  const auto counts = store_->outcomes("softmax").value();
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].outcome, Outcome::ok);
  EXPECT_EQ(counts[0].count, 3);
  EXPECT_EQ(counts[1].rule, "signal");
  EXPECT_TRUE(store_->outcomes("gelu").value().empty());
}

TEST_F(StoreTest, ABatchIsThereWholeOrNotAtAll) {
  const Candidate of = candidate();
  const auto failed = store_->batch([&]() -> Result<void> {
    record(of, example::evaluation(of, 100, 0));
    return bad_input("no");
  });
  EXPECT_EQ(failed.error().what, "no");
  EXPECT_TRUE(ids({}).empty());
  ASSERT_TRUE(store_->batch([&]() -> Result<void> {
    record(of, example::evaluation(of, 100, 0));
    record(of, example::evaluation(of, 100, 1));
    return {};
  }));
  EXPECT_EQ(ids({}).size(), 2u);
}

TEST_F(StoreTest, ABatchThatOverlooksAFailureIsUndone) {
  const Candidate of = candidate();
  const auto done = store_->batch([&]() -> Result<void> {
    record(of, example::evaluation(of, 100, 0));
    EXPECT_FALSE(store_->record(99, 0, of, example::evaluation(of), "no such campaign"));
    return {};
  });
  EXPECT_FALSE(done);
  EXPECT_TRUE(ids({}).empty());
}

TEST_F(StoreTest, ReadersSeeWhatIsCommittedWhileTheWriterGoesOn) {
  const Candidate of = candidate();
  record(of, example::evaluation(of));
  const auto reader = example::open(folder_.file(), OpenMode::read_only);
  record(of, example::evaluation(of, 90, 1));
  ASSERT_TRUE(store_->batch([&]() -> Result<void> {
    record(of, example::evaluation(of, 80, 2));
    int seen = 0;
    EXPECT_TRUE(reader->for_each([&](const StoredEvaluation&) { return ++seen > 0; }));
    EXPECT_EQ(seen, 2) << "neither blocked nor shown what is not committed";
    return {};
  }));
}

}  // namespace
}  // namespace kbench
