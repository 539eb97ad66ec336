#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "search/features.hpp"
#include "search/forest.hpp"
#include "search/gaussian_process.hpp"
#include "search/mixture.hpp"
#include "search/moves.hpp"
#include "search/surrogate_search.hpp"
#include "search/targets.hpp"

namespace kbench {
namespace {

using testing::ElementsAre;

Space space_of(const std::vector<std::vector<std::string>>& values) {
  std::vector<Param> params;
  for (const auto& each : values) {
    params.push_back({std::string(1, static_cast<char>('A' + params.size())), each, 0, 0});
  }
  return Space::build(std::move(params), {}, {}).value();
}

TEST(Features, AParamIsThePlaceOfItsValueAndOneWithoutAChoiceIsNothing) {
  const Features features(space_of({{"fast", "slow", "off"}, {"7"}, {"2", "4"}}));
  ASSERT_EQ(features.count(), 2u);
  EXPECT_EQ(features.codes(0), 3u);
  EXPECT_THAT(features.codes_of({{2, 0, 1}, {0, 0, 0}}), ElementsAre(2, 1, 0, 0));
}

TEST(Features, LargeIntegersHaveTheirAlignmentBesideTheirPlace) {
  const Features features(space_of({{"16", "24", "32", "48", "128", "320"}}));
  ASSERT_EQ(features.count(), 2u);
  EXPECT_TRUE(features.is_place(0));
  EXPECT_FALSE(features.is_place(1));
  const auto codes = features.codes_of({{0}, {1}, {2}, {3}, {4}, {5}});
  std::vector<int> alignments;  // 2^4, 2^3, 2^5, 2^4, 2^7 and 2^6, of which 2^6 is the most
  for (size_t i = 0; i < codes.size(); i += 2) alignments.push_back(codes[i + 1]);
  EXPECT_THAT(alignments, ElementsAre(1, 0, 2, 1, 3, 3)) << "places among those that occur";
  EXPECT_EQ(features.codes(1), 4u);
}

TEST(Features, SmallIntegersAndThoseAlignedAlikeAreTheirPlaceOnly) {
  EXPECT_EQ(Features(space_of({{"1", "2", "3", "4", "5", "6"}})).count(), 1u);
  EXPECT_EQ(Features(space_of({{"64", "128", "192", "256", "320"}})).count(), 1u);
}

TEST(Features, PowersOfTwoSayAllWithTheirPlace) {
  EXPECT_EQ(Features(space_of({{"1", "2", "4", "8", "16", "32"}})).count(), 1u);
}

TEST(Targets, TheBestIsMinusOneTheMedianZeroAndFailuresTheBound) {
  Targets targets(0.5);
  targets.update({{{0}, 1}, {{1}, INFINITY}, {{2}, 100}, {{3}, 10}});
  EXPECT_DOUBLE_EQ(targets.of(1), -1);
  EXPECT_DOUBLE_EQ(targets.of(10), 0);
  EXPECT_DOUBLE_EQ(targets.of(INFINITY), 0.5);
  EXPECT_GT(targets.of(1e6), targets.of(100));
  EXPECT_LT(targets.of(1e6), 0.5);
}

TEST(Targets, OfTooManyTheBestAndTheNewestTrain) {
  std::vector<Known> told;
  for (uint16_t i = 0; i < 12; ++i) told.push_back({{i}, 100.0 + (i * 5) % 12});
  Targets targets(0.5);
  targets.update(told);
  const Training training = training_of(told, targets, 6);
  // Times are 100 5 10 3 8 1 6 11 4 9 2 7 over 100: the four fastest and the two newest others.
  EXPECT_THAT(training.configurations,
              ElementsAre(Configuration{0}, Configuration{3}, Configuration{5}, Configuration{9},
                          Configuration{10}, Configuration{11}));
}

TEST(ExpectedImprovement, IsLargerForABetterMeanOrMoreDoubt) {
  EXPECT_NEAR(expected_improvement({-1, 1e-12}, 0), 1, 1e-6);
  EXPECT_NEAR(expected_improvement({1, 1e-12}, 0), 0, 1e-6);
  EXPECT_NEAR(expected_improvement({0, 1}, 0), 1 / std::sqrt(2 * M_PI), 1e-12);
  EXPECT_GT(expected_improvement({1, 4}, 0), expected_improvement({1, 1}, 0));
}

// A smooth function of two params and a third that does not matter, at 60 of 1,200 places.
class Models : public testing::Test {
 protected:
  static Space space() {
    std::vector<std::vector<std::string>> values(3);
    for (int i = 0; i < 20; ++i) values[0].push_back(std::to_string(i));
    for (int i = 0; i < 15; ++i) values[1].push_back(std::to_string(i));
    values[2] = {"a", "b", "c", "d"};
    return space_of(values);
  }
  static double truth(const Configuration& at) {
    return std::pow(at[0] / 19.0 - 0.4, 2) + 0.5 * std::sin(at[1] / 5.0);
  }

  void train(Surrogate& model, size_t count = 60) {
    std::mt19937_64 random(3);
    Training training;
    for (size_t i = 0; i < count; ++i) {
      training.configurations.push_back(space_.sample(random));
      training.targets.push_back(truth(training.configurations.back()));
    }
    model.fit(training);
    training_ = training;
  }
  // Share of the variance over the whole space that the model does not explain.
  double unexplained(const Surrogate& model) {
    std::vector<Configuration> all;
    for (uint64_t i = 0; i < space_.size(); ++i) all.push_back(space_.at(i));
    const auto predictions = model.predict(all);
    double error = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      error += std::pow(predictions[i].mean - truth(all[i]), 2);
      sum += truth(all[i]);
      squares += std::pow(truth(all[i]), 2);
    }
    return error / (squares - sum * sum / static_cast<double>(all.size()));
  }

  const Space space_ = space();
  Training training_;
};

TEST_F(Models, AGaussianProcessLearnsASmoothFunction) {
  GaussianProcess model(space_);
  for (size_t count = 5; count <= 60; ++count) train(model, count);  // as a search does
  EXPECT_LT(unexplained(model), 0.05);
}

TEST_F(Models, AGaussianProcessIsSureWhereItHasBeenAndElsewhereNot) {
  GaussianProcess model(space_);
  for (int fits = 0; fits < 10; ++fits) train(model, 10);
  const double known = model.predict({training_.configurations.front()}).front().variance;
  double most = 0;
  for (uint64_t i = 0; i < space_.size(); ++i) {
    most = std::max(most, model.predict({space_.at(i)}).front().variance);
  }
  EXPECT_LT(2 * known, most);
}

// One value of a param is good whatever the others are, those beside it are not.
TEST_F(Models, AGaussianProcessLearnsThatAValueIsUnlikeThoseBesideIt) {
  GaussianProcess model(space_);
  std::mt19937_64 random(3);
  Training training;
  for (int i = 0; i < 90; ++i) {
    const Configuration at = space_.sample(random);
    training.configurations.push_back(at);
    training.targets.push_back((at[0] == 9 ? -1 : 0) + 0.3 * std::sin(at[1] / 5.0));
  }
  for (int fits = 0; fits < 30; ++fits) model.fit(training);
  double good = 0, beside = 0;
  for (uint16_t i = 0; i < 15; ++i) {
    const auto predicted = model.predict({{9, i, 0}, {8, i, 0}, {10, i, 0}});
    good += predicted[0].mean / 15;
    beside += (predicted[1].mean + predicted[2].mean) / 30;
  }
  EXPECT_LT(good, beside - 0.7);
}

TEST_F(Models, AForestLearnsTheFunctionRoughly) {
  Forest model(space_, 1);
  train(model);
  EXPECT_LT(unexplained(model), 0.3);
}

TEST_F(Models, AForestGrowsTheSameTreesFromTheSameSeed) {
  Forest one(space_, 1), same(space_, 1), other(space_, 2);
  for (Forest* each : {&one, &same, &other}) train(*each);
  const Configuration at = space_.at(600);
  EXPECT_EQ(one.predict({at}).front().mean, same.predict({at}).front().mean);
  EXPECT_NE(one.predict({at}).front().mean, other.predict({at}).front().mean);
}

TEST_F(Models, PredictTheOnlyTargetThereIs) {
  GaussianProcess process(space_);
  Forest forest(space_, 1);
  const Training single{{space_.at(7)}, {-1.0}};
  for (Surrogate* model : std::initializer_list<Surrogate*>{&process, &forest}) {
    model->fit(single);
    const Prediction prediction = model->predict({space_.at(7)}).front();
    EXPECT_NEAR(prediction.mean, -1, 1e-3);
    EXPECT_TRUE(std::isfinite(prediction.variance));
  }
}

class Constant : public Surrogate {
 public:
  explicit Constant(Prediction always) : always_(always) {}
  void fit(const Training&) override {}
  std::vector<Prediction> predict(const std::vector<Configuration>& candidates) const override {
    return std::vector<Prediction>(candidates.size(), always_);
  }

 private:
  Prediction always_;
};

TEST(Mixture, DisagreementIsVariance) {
  std::vector<std::unique_ptr<Surrogate>> models;
  models.push_back(std::make_unique<Constant>(Prediction{1, 0.5}));
  models.push_back(std::make_unique<Constant>(Prediction{3, 1.5}));
  const Prediction mixed = Mixture(std::move(models)).predict({{0}}).front();
  EXPECT_DOUBLE_EQ(mixed.mean, 2);
  EXPECT_DOUBLE_EQ(mixed.variance, 1 + 1) << "their mean variance, and that of their means";
}

TEST(Targets, TellApartTheFewThatAreFarFasterThanTheRest) {
  std::vector<Known> told;
  for (const double value : {1.0, 1.02, 8.0, 16.0, 32.0, 64.0}) told.push_back({{}, value});
  Targets targets(0.5);
  targets.update(told);
  EXPECT_DOUBLE_EQ(targets.of(1), -1);
  EXPECT_DOUBLE_EQ(targets.of(16), 0);
  const double log_time = std::log(1.02 / 16) / std::log(16), rank = 1.0 / 3 - 1;
  EXPECT_DOUBLE_EQ(targets.of(1.02), (log_time + rank) / 2);
  EXPECT_LT(targets.of(64), 0.5);
  EXPECT_EQ(targets.of(std::numeric_limits<double>::infinity()), 0.5);
}

// Takes what is like the best for the most promising, so that it never leaves it by itself.
class Clinging : public Surrogate {
 public:
  void fit(const Training& training) override {
    const auto best = std::min_element(training.targets.begin(), training.targets.end());
    best_ = training.configurations[static_cast<size_t>(best - training.targets.begin())];
  }
  std::vector<Prediction> predict(const std::vector<Configuration>& candidates) const override {
    std::vector<Prediction> predictions;
    for (const Configuration& each : candidates) {
      predictions.push_back({static_cast<double>(differing(each, best_)), 0.01});
    }
    return predictions;
  }

 private:
  Configuration best_;
};

class Elsewhere : public testing::Test {
 protected:
  // How many of `count` asks differ from the best so far in three params or more, of four.
  int far_of(SurrogateSearch& search, int count) {
    int far = 0;
    for (int i = 0; i < count; ++i) {
      const Configuration asked = *search.ask();
      if (!best_.empty() && differing(asked, best_) >= 3) ++far;
      const double time = 1.0 + asked[0] + asked[1] + asked[2] + asked[3];
      if (best_.empty() || time < least_) {
        best_ = asked;
        least_ = time;
      }
      search.tell({asked, time});
    }
    return far;
  }
  SurrogateSearch search(const Space& space, const std::map<std::string, std::string>& given = {}) {
    const auto options = Options::parse(SurrogateSearch::option_specs(), given, "test");
    return {space, 1, *options, std::make_unique<Clinging>()};
  }

  const std::vector<std::string> values_ = {"1", "2", "4", "8", "16", "32"};
  Configuration best_;
  double least_ = 0;
};

TEST_F(Elsewhere, IsWhereEveryFourthAskGoesOnceEnoughIsTold) {
  const Space space = space_of({values_, values_, values_, values_});
  SurrogateSearch search = this->search(space);
  far_of(search, 25);  // the best is found, and its neighbours are not yet used up
  EXPECT_EQ(far_of(search, 15), 0);
  EXPECT_EQ(far_of(search, 40), 10);
}

// Knows nothing, and counts how often it was to learn.
class Counting : public Surrogate {
 public:
  explicit Counting(int& fits) : fits_(fits) {}
  void fit(const Training&) override { ++fits_; }
  std::vector<Prediction> predict(const std::vector<Configuration>& candidates) const override {
    return std::vector<Prediction>(candidates.size(), {0, 1});
  }

 private:
  int& fits_;
};

TEST_F(Elsewhere, IsWhatTheSecondOpinionDecides) {
  const Space space = space_of({values_, values_, values_, values_});
  const auto options = Options::parse(SurrogateSearch::option_specs(), {}, "test");
  int first = 0, second = 0;
  SurrogateSearch search(space, 1, *options, std::make_unique<Counting>(first),
                         std::make_unique<Counting>(second));
  far_of(search, 40);
  EXPECT_EQ(first, 35) << "all but the spread-out ones";
  EXPECT_EQ(second, 0);
  far_of(search, 40);
  EXPECT_EQ(second, 10);
  EXPECT_EQ(first, 65);
}

TEST_F(Elsewhere, IsNowhereWhenTheOptionSaysSo) {
  const Space space = space_of({values_, values_, values_, values_});
  SurrogateSearch search = this->search(space, {{"elsewhere_every", "0"}});
  far_of(search, 40);
  EXPECT_EQ(far_of(search, 40), 0);
}

TEST_F(Elsewhere, EndsWhereTheSpaceDoes) {
  const std::vector<std::string> one = {"1"};
  const Space space = space_of({{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, values_, one, one});
  SurrogateSearch search = this->search(space);
  EXPECT_EQ(far_of(search, 54), 0);
  EXPECT_EQ(search.ask(), std::nullopt);
}

TEST_F(Elsewhere, IsNotDecidedByParamsWithoutAChoice) {
  const std::vector<std::string> one = {"1"};
  const Space space = space_of({values_, values_, values_, values_, one, one, one});
  SurrogateSearch search = this->search(space);
  far_of(search, 40);
  EXPECT_EQ(far_of(search, 40), 10) << "four of the seven can differ, three of those are most";
}

}  // namespace
}  // namespace kbench
