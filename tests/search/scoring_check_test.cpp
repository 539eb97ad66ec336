#include "search/scoring_check.hpp"

#include <cmath>

#include "tests/search/recorded_example.hpp"

namespace kbench {
namespace {

// 2,000 times with a long tail, of which every `failing`th fails; 0: none.
RecordedSpace heavy_tailed(int failing) {
  std::vector<double> times;
  for (int i = 0; i < 2000; ++i) {
    const double share = ((i * 617) % 2000 + 0.5) / 2000;
    times.push_back(failing > 0 && i % failing == 0 ? 0 : 1 + share - std::log(1 - share));
  }
  return recorded_line(times);
}

TEST(ScoringCheck, RandomSearchScoresNothingWhereNothingFails) {
  const ScoringCheck check = check_scoring(heavy_tailed(0), 3000, 1);
  EXPECT_NEAR(check.counted, 0, 0.02);
}

TEST(ScoringCheck, DrawsThatFailPutRandomSearchBehindItsClosedForm) {
  const ScoringCheck check = check_scoring(heavy_tailed(3), 3000, 1);
  EXPECT_LT(check.counted, -0.05);
}

TEST(ScoringCheck, IsTheSameForTheSameSeed) {
  const RecordedSpace space = heavy_tailed(0);
  EXPECT_EQ(check_scoring(space, 100, 5).recorded_costs,
            check_scoring(space, 100, 5).recorded_costs);
  EXPECT_NE(check_scoring(space, 100, 5).recorded_costs,
            check_scoring(space, 100, 6).recorded_costs);
}

}  // namespace
}  // namespace kbench
