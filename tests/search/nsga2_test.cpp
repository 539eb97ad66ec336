#include <gtest/gtest.h>

#include <set>

#include "search/objectives.hpp"
#include "search/pareto.hpp"
#include "search/strategy.hpp"

namespace kbench {
namespace {

TEST(Pareto, DominatesWhatIsNowhereBetterAndSomewhereWorse) {
  EXPECT_TRUE(dominates({1, 2}, {1, 3}));
  EXPECT_FALSE(dominates({1, 2}, {1, 2}));
  EXPECT_FALSE(dominates({1, 3}, {2, 2}));
}

TEST(Pareto, SortsIntoFrontsAndFindsTheLonely) {
  const std::vector<std::vector<double>> points = {{0, 9}, {1, 5}, {2, 4}, {9, 0}, {3, 6}, {9, 9}};
  const std::vector<size_t> fronts = front_of(points);
  EXPECT_EQ(fronts, (std::vector<size_t>{0, 0, 0, 0, 1, 2}));
  const std::vector<double> lonely = crowding(points, fronts);
  EXPECT_EQ(lonely[0], INFINITY);
  EXPECT_EQ(lonely[3], INFINITY);
  EXPECT_DOUBLE_EQ(lonely[1], 2 / 9.0 + 5 / 9.0);
  EXPECT_DOUBLE_EQ(lonely[2], 8 / 9.0 + 5 / 9.0);
}

constexpr int kLength = 12, kParams = 4;

Space grid() {
  std::vector<Param> params;
  for (int p = 0; p < kParams; ++p) {
    Param param{std::string(1, static_cast<char>('A' + p)), {}, 0, 0};
    for (int value = 0; value < kLength; ++value) param.values.push_back(std::to_string(value));
    params.push_back(std::move(param));
  }
  return Space::build(std::move(params), {}, {}).value();
}

// After ZDT1 (Zitzler, Deb and Thiele 2000): A trades one for the other; the front has all other
// params at 0, 12 of 20,736 configurations.
std::vector<double> trade(const Configuration& at) {
  double distance = 1;
  for (int p = 1; p < kParams; ++p) distance += at[static_cast<size_t>(p)];
  const double first = 1 + at[0];
  return {first, 100 * distance / first};
}

size_t found_of_the_front(const std::string& name, uint64_t seed) {
  const Space space = grid();
  const auto strategy = make_strategy(name, {}, space, seed).value();
  std::set<int> found;
  for (int i = 0; i < 600; ++i) {
    const Configuration at = strategy->ask().value();
    const std::vector<double> values = trade(at);
    if (at[1] + at[2] + at[3] == 0) found.insert(at[0]);
    strategy->tell({at, values[0], values});
  }
  return found.size();
}

TEST(Nsga2, FindsMostOfAFrontThatRandomSearchDoesNotSee) {
  for (const uint64_t seed : {1, 2, 3}) {
    EXPECT_GE(found_of_the_front("nsga2", seed), 9u) << "of 12, seed " << seed;
    EXPECT_LE(found_of_the_front("random", seed), 3u);
  }
}

TEST(Objectives, AreNamedAndTimeIsAmongThem) {
  EXPECT_TRUE(parse_objectives("time")->empty());
  EXPECT_EQ(text_of(*parse_objectives("code_size,time")), "time,code_size");
  for (const char* wrong :
       {"", "code_size", "time,enegry", "time,time", "time,code_size,code_size"}) {
    EXPECT_FALSE(parse_objectives(wrong)) << wrong;
  }
}

TEST(Objectives, MemoryIsTheWorkspace) {
  const auto objectives = parse_objectives("time,memory").value();
  Evaluation evaluation;
  EXPECT_EQ(values_of(objectives, evaluation).at(1), INFINITY) << "unknown";
  evaluation.workspace_bytes = 4096;
  EXPECT_EQ(values_of(objectives, evaluation).at(1), 4096);
}

TEST(Objectives, EnergyThatWasNotMeasuredIsTheWorst) {
  const auto objectives = parse_objectives("time,energy").value();
  EXPECT_TRUE(has_energy(objectives));
  EXPECT_FALSE(has_energy(parse_objectives("time,memory").value()));
  Evaluation evaluation;
  EXPECT_EQ(values_of(objectives, evaluation).at(1), INFINITY);
  evaluation.call_joules = 0.00341;
  EXPECT_DOUBLE_EQ(values_of(objectives, evaluation).at(1), 0.0034) << "to two digits";
}

TEST(Objectives, AnErrorIsComparedToOneDigitAndAnUnknownOneIsTheWorst) {
  const auto objectives = parse_objectives("time,error").value();
  auto error_of = [&](std::optional<double> rms) {
    Evaluation evaluation;
    evaluation.rms_error = rms;
    return values_of(objectives, evaluation).at(1);
  };
  EXPECT_DOUBLE_EQ(error_of(0.0372), 4);
  EXPECT_EQ(error_of(0.0372), error_of(0.0384)) << "the same kernel on other inputs";
  EXPECT_LT(error_of(0.0372), error_of(0.31));
  EXPECT_EQ(error_of(0), 0);
  EXPECT_EQ(error_of(std::nullopt), INFINITY);
}

TEST(Objectives, AFrontKeepsWhatNothingBeats) {
  std::vector<FrontRow> front;
  for (const std::vector<double>& values :
       std::vector<std::vector<double>>{{5, 5}, {4, 6}, {5, 5}, {6, 6}, {4, 5}, {9, 1}}) {
    add_to_front(front, {.values = values});
  }
  ASSERT_EQ(front.size(), 2u);
  EXPECT_EQ(front[0].values, (std::vector<double>{4, 5}));
  EXPECT_EQ(front[1].values, (std::vector<double>{9, 1}));
}

}  // namespace
}  // namespace kbench
