#include "search/warm_start.hpp"

#include <gmock/gmock.h>

#include <set>

#include "recorded_example.hpp"
#include "search/replay.hpp"

namespace kbench {
namespace {

using testing::ElementsAre;

RecordedSpace plane(const std::string& rows) {
  return parse_recorded_space(
             "X,Y,status,time_ms,compile_ms,verify_ms,bench_ms,framework_ms\n" + rows, "plane.csv")
      .value();
}

TEST(WarmStart, TakesTheFastestThatAreNotNeighboursOfEachOther) {
  const RecordedSpace elsewhere = plane(
      "1,1,ok,1,1,1,1,1\n1,2,ok,2,1,1,1,1\n2,2,ok,3,1,1,1,1\n3,3,compile,,1,1,1,1\n"
      "3,1,ok,4,1,1,1,1\n");
  EXPECT_THAT(fastest_of(elsewhere, 9),
              ElementsAre(Params{{"X", "1"}, {"Y", "1"}}, Params{{"X", "2"}, {"Y", "2"}}));
  EXPECT_EQ(fastest_of(elsewhere, 1).size(), 1u);
}

TEST(WarmStart, LeavesOutWhatTheSpaceDoesNotHave) {
  const RecordedSpace here = plane("1,1,ok,1,1,1,1,1\n2,2,ok,3,1,1,1,1\n");
  const std::vector<Params> elsewhere = {{{"X", "2"}, {"Y", "1"}},
                                         {{"X", "7"}, {"Y", "1"}},
                                         {{"X", "2"}, {"Y", "2"}, {"Z", "5"}},
                                         {{"X", "2"}, {"Y", "2"}}};
  EXPECT_THAT(known_to(here.space, elsewhere), ElementsAre(Configuration{1, 1}));
}

TEST(WarmStart, AsksForThemFirstAndForNothingTwice) {
  const RecordedSpace here = recorded_line({9, 8, 7, 6, 5, 4, 3, 2, 1});
  for (const std::string& name : strategies().names()) {
    if ((*strategies().find(name))->in_parts) continue;  // comes back for the rest
    auto strategy = warm_start({{8}, {3}}, make_strategy(name, {}, here.space, 1).value());
    std::set<Configuration> seen;
    std::vector<Configuration> order;
    while (auto next = strategy->ask()) {
      EXPECT_TRUE(seen.insert(*next).second) << name;
      order.push_back(*next);
      strategy->tell({*next, 10.0 - (*next)[0]});
    }
    EXPECT_EQ(order.size(), 9u) << name;
    EXPECT_EQ(order[0], Configuration{8}) << name;
    EXPECT_EQ(order[1], Configuration{3}) << name;
  }
}

TEST(WarmStart, AReplayBeginsWithThem) {
  const RecordedSpace here = recorded_line({9, 8, 7, 6, 5, 4, 3, 2, 1});
  const auto warm = replay(here, {.strategy = "random", .repeats = 5, .first = {{{"X", "8"}}}});
  ASSERT_TRUE(warm) << warm.error().text();
  EXPECT_DOUBLE_EQ(warm->best_ms.back(), 1);
  EXPECT_DOUBLE_EQ(warm->score_no_thinking, 1) << "the optimum is the first answer";
}

}  // namespace
}  // namespace kbench
