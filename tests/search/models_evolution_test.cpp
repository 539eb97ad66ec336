#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <map>

#include "search/evolution/behaviour.hpp"
#include "search/evolution/evolution.hpp"
#include "search/evolution/model_choice.hpp"
#include "search/evolution/named.hpp"
#include "search/evolution/plan.hpp"

namespace kbench {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

Member kernel(const std::string& name, double ns, const std::string& source = "") {
  Member member;
  member.name = name;
  member.source = source.empty() ? "// " + name : source;
  member.ns = ns;
  member.shapes_ns = {ns};
  member.evaluation_id = 1;
  return member;
}

Evolution evolution(const EvolutionSetup& setup, uint64_t seed = 1) {
  auto made = Evolution::make(setup, seed);
  EXPECT_TRUE(made) << made.error().text();
  return std::move(*made);
}

std::unique_ptr<ParentSelection> selection(const std::string& text) {
  auto made = make_named(selections(), text, "--selection");
  EXPECT_TRUE(made) << made.error().text();
  return std::move(*made);
}

// How often each of these members is chosen in a thousand draws.
std::vector<int> chosen(const std::string& text, const Members& members) {
  std::mt19937_64 random(7);
  std::vector<size_t> pool(members.size());
  for (size_t i = 0; i < pool.size(); ++i) pool[i] = i;
  std::vector<int> counts(members.size());
  const auto policy = selection(text);
  for (int i = 0; i < 1000; ++i) ++counts[policy->choose(members, pool, random)];
  return counts;
}

// A landscape of two valleys: A goes down to 60 at once, B to 20 by way of kernels that are slower
// than that. What an improvement does not change is the same machine code.
Member improved(const Member& parent, int count) {
  static const std::map<std::string, std::map<double, double>> kDown = {
      {"A", {{100, 80}, {80, 60}}}, {"B", {{110, 95}, {95, 75}, {75, 20}}}};
  const std::string valley = parent.name.substr(0, 1);
  const auto& down = kDown.at(valley);
  const auto step = down.find(parent.ns);
  const double ns = step == down.end() ? parent.ns : step->second;
  Member member = kernel(valley + std::to_string(count), ns);
  member.identity = valley + std::to_string(ns);
  return member;
}

// The fastest after so many improvements of what the policy takes.
double fastest_with(const std::string& policy, int proposals) {
  Evolution search = evolution({.operators = "improve:1", .selection = policy});
  search.start(kernel("A", 100));
  search.start(kernel("B", 110));
  for (int n = 0; n < proposals; ++n) {
    const Turn turn = search.next(n);
    search.measured(turn, improved(search.members()[*turn.member], n));
  }
  return search.members()[search.by_time().front()].ns;
}

TEST(ParentSelection, GreedyTakesTheFastestAndStaysInItsValley) {
  EXPECT_THAT(chosen("greedy", {kernel("a", 1), kernel("b", 2)}), ElementsAre(1000, 0));
  EXPECT_EQ(fastest_with("greedy", 120), 60);
}

TEST(ParentSelection, APowerLawPrefersTheFastestByItsRank) {
  const auto counts =
      chosen("power_law", {kernel("a", 1), kernel("b", 2), kernel("c", 3)});  // 6 : 3 : 2 of 11
  EXPECT_NEAR(counts[0], 545, 50);
  EXPECT_NEAR(counts[1], 273, 50);
  EXPECT_NEAR(counts[2], 182, 50);
  EXPECT_THAT(chosen("power_law:exponent=0", {kernel("a", 1), kernel("b", 2)}),
              ElementsAre(testing::Gt(400), testing::Gt(400)));
}

TEST(ParentSelection, ATournamentTakesTheFastestOfThoseDrawn) {
  const Members members = {kernel("a", 1), kernel("b", 2), kernel("c", 3), kernel("d", 4)};
  const auto counts = chosen("tournament:size=2", members);  // 7 : 5 : 3 : 1 of 16
  EXPECT_NEAR(counts[0], 437, 50);
  EXPECT_NEAR(counts[3], 62, 30);
}

TEST(ParentSelection, TreeSearchLeavesAValleyThatGivesNothingMore) {
  EXPECT_EQ(fastest_with("uct", 120), 20);
}

TEST(ParentSelection, StepsAlreadyTakenCountAgainstAKernel) {
  Members members = {kernel("a", 1), kernel("b", 1)};
  members[0].offspring = 9;
  const auto counts = chosen("offspring_penalised", members);  // 1/10 : 1
  EXPECT_NEAR(counts[0], 91, 30);
  EXPECT_EQ(fastest_with("offspring_penalised", 120), 20);
}

TEST(ParentSelection, ParetoTakesWhatNoOtherBeatsOnEveryShape) {
  Members members = {kernel("a", 1), kernel("b", 2), kernel("c", 3)};
  members[0].shapes_ns = {1, 9};
  members[1].shapes_ns = {2, 3};
  members[2].shapes_ns = {3, 4};  // b beats it on both
  EXPECT_THAT(chosen("pareto", members), ElementsAre(testing::Gt(400), testing::Gt(400), 0));
}

TEST(Populations, MigrationSpreadsTheFastestRoundTheRing) {
  // The one island that finds something shares it one island further at each migration.
  auto reached = [](const std::string& text) {
    auto islands = *make_named(populations(), text, "--population");
    Members members = {kernel("start", 100)};
    islands->add(members, {});
    for (int64_t n = 0; n < 16; ++n) {
      members.push_back(kernel("k" + std::to_string(n), n == 0 ? 10.0 : 90.0 + double(n % 4)));
      islands->add(members, n);
    }
    int with = 0;
    for (int64_t n = 0; n < 4; ++n) {
      const auto pool = islands->pool(members, n);
      with += static_cast<int>(std::count(pool.begin(), pool.end(), size_t{1}));
    }
    return with;
  };
  EXPECT_EQ(reached("islands:count=4,every=0"), 1) << "no migration: it stays where it is";
  EXPECT_EQ(reached("islands:count=4,every=8"), 3) << "two migrations: two islands further";
  EXPECT_EQ(reached("islands:count=4,every=4"), 4);
}

TEST(Populations, TheArchiveKeepsASlowKernelThatIsDifferent) {
  auto archive = *make_named(populations(), "archive:axes=vector", "--population");
  Members members;
  auto add = [&](double ns, const std::string& source) {
    members.push_back(kernel("k", ns, source));
    archive->add(members, static_cast<int64_t>(members.size()));
  };
  add(100, "scalar");
  for (int i = 0; i < 20; ++i) add(99 - i, "scalar faster");
  add(500, "_mm256_add_ps");
  add(600, "_mm256_mul_ps");
  const auto pool = archive->pool(members, 0);
  EXPECT_THAT(pool, testing::UnorderedElementsAre(20u, 21u))
      << "the fastest scalar one and the fastest of 256 bits, however slow";
}

TEST(Populations, RestartsForgetWhatOtherChainsAndLivesFound) {
  auto chains = *make_named(populations(), "restarts:chains=2,length=3", "--population");
  Members members = {kernel("start", 100)};
  chains->add(members, {});
  EXPECT_TRUE(chains->pool(members, 0).empty()) << "from nothing, not from the start";
  members.push_back(kernel("a", 50));
  chains->add(members, 0);
  EXPECT_THAT(chains->pool(members, 2), ElementsAre(1u));
  EXPECT_TRUE(chains->pool(members, 3).empty()) << "the other chain";
  EXPECT_THAT(chains->pool(members, 4), ElementsAre(1u));
  EXPECT_TRUE(chains->pool(members, 6).empty()) << "a new life";
}

TEST(Behaviours, AreReadOffTheSourceAndTheTimes) {
  Member first = kernel("first", 100), member = kernel("k", 50, R"(
    // kbench: buffer tmp f32[8]
    #pragma GCC unroll 4
    __m512 x;)");
  first.shapes_ns = {100, 100};
  member.shapes_ns = {50, 10};
  member.code_bytes = 5000;
  const Behaviour behaviour = behaviour_of(member, first);
  EXPECT_EQ(behaviour.at("vector"), 4);
  EXPECT_EQ(behaviour.at("shared"), 1);
  EXPECT_EQ(behaviour.at("unroll"), 1);
  EXPECT_EQ(behaviour.at("parallel"), 0);
  EXPECT_EQ(behaviour.at("size"), 2) << "from 4 KiB";
  EXPECT_EQ(behaviour.at("shape"), 1) << "ten times as fast there";
}

// How often the second of two models is asked in 200 proposals.
int asked_second(const std::string& picker, std::array<double, 2> gain,
                 std::array<double, 2> cost) {
  auto models = *make_named(model_pickers(), picker, "--model-choice");
  int second = 0;
  for (int i = 0; i < 200; ++i) {
    const size_t model = models->choose({false, false});
    second += static_cast<int>(model);
    models->tell(model, gain[model], cost[model]);
  }
  return second;
}

TEST(ModelChoice, TheBanditFindsTheCheaperOfTwoEqualModels) {
  EXPECT_GT(asked_second("bandit", {0.1, 0.1}, {10, 1}), 180);
  EXPECT_EQ(asked_second("turns", {0.1, 0.1}, {10, 1}), 100);
}

TEST(ModelChoice, TheBanditFindsTheBetterOfTwoModelsThatCostTheSameOrNothing) {
  EXPECT_GT(asked_second("bandit", {0.0, 0.3}, {1, 1}), 150);
  EXPECT_GT(asked_second("bandit", {0.0, 0.3}, {0, 0}), 150);
}

TEST(ModelChoice, TheBanditPaysForWhatGainsMoreThanItCosts) {
  EXPECT_GT(asked_second("bandit", {0.01, 0.5}, {1, 5}), 100) << "fifty times the gain";
}

TEST(ModelChoice, OneThatIsOutIsNotAsked) {
  for (const char* name : {"turns", "bandit"}) {
    auto models = *make_named(model_pickers(), name, "--model-choice");
    for (int i = 0; i < 5; ++i) EXPECT_EQ(models->choose({true, false}), 1u);
  }
}

TEST(Operators, AreDrawnByTheirWeights) {
  Evolution search = evolution({.operators = "write:1,improve:3"});
  EXPECT_EQ(search.next(0).name, "write") << "there is nothing to improve";
  search.start(kernel("a", 100));
  int improve = 0;
  for (int n = 0; n < 1000; ++n) improve += search.next(n).name == "improve";
  EXPECT_NEAR(improve, 750, 50);
}

TEST(Operators, CrossTakesTwoDifferentKernels) {
  Evolution search = evolution({.operators = "cross:1", .selection = "greedy"});
  search.start(kernel("a", 100));
  EXPECT_EQ(search.next(0).name, "write") << "one is not enough";
  search.start(kernel("b", 90));
  search.start(kernel("c", 200));
  const Turn turn = search.next(1);
  EXPECT_EQ(turn.name, "cross");
  EXPECT_EQ(turn.member, 1u);
  EXPECT_EQ(turn.other, 0u);
}

TEST(Operators, TranslateTakesAKernelFromElsewhere) {
  Evolution search = evolution(
      {.operators = "translate:1", .foreign = {{"t.cu", "cuda", "__global__ void f();", ""}}});
  const Turn turn = search.next(0);
  EXPECT_EQ(turn.name, "translate");
  EXPECT_EQ(turn.about, "t.cu (cuda)");
  EXPECT_EQ(evolution({.operators = "translate:1"}).next(0).name, "write")
      << "nothing to translate";
}

TEST(Operators, APlanIsFollowedStepByStepFromWhatItsStepsGave) {
  Evolution search = evolution({.operators = "plan:1"});
  search.start(kernel("a", 100));
  const Turn plan = search.next(0);
  EXPECT_EQ(plan.name, "plan");
  EXPECT_TRUE(plan.asks_plan);
  search.planned(plan, {"tiling", {"tile", "unroll"}});
  const Turn first = search.next(1);
  EXPECT_EQ(first.name, "step");
  EXPECT_EQ(first.about, "tiling: tile");
  EXPECT_EQ(first.base, "// a");
  search.failed(first, {"// broken", "it is wrong"});
  const Turn repair = search.next(2);
  EXPECT_EQ(repair.name, "repair");
  search.measured(repair, kernel("b", 120));
  const Turn second = search.next(3);
  EXPECT_EQ(second.about, "tiling: unroll");
  EXPECT_EQ(second.base, "// b") << "a step that did not pay yet is built upon";
  search.measured(second, kernel("c", 50));
  EXPECT_EQ(search.next(4).name, "plan") << "that was the plan";
}

TEST(Operators, ARepairIsTriedTwiceInARowAtMostAndNotWhereItIsOff) {
  Evolution search = evolution({.operators = "write:1"});
  Turn turn = search.next(0);
  for (int i = 0; i < 2; ++i) {
    search.failed(turn, {"x", "why"});
    turn = search.next(i + 1);
    EXPECT_EQ(turn.name, "repair");
  }
  search.failed(turn, {"x", "why"});
  EXPECT_EQ(search.next(3).name, "write");
  Evolution without = evolution({.operators = "write:1,repair:0"});
  without.failed(without.next(0), {"x", "why"});
  EXPECT_EQ(without.next(1).name, "write");
}

TEST(Operators, WrongOnesAreNamed) {
  EXPECT_THAT(Evolution::make({.operators = "improv:1"}, 1).error().text(),
              HasSubstr("did you mean 'improve'"));
  EXPECT_THAT(Evolution::make({.operators = "write:-1"}, 1).error().text(), HasSubstr("weight"));
  EXPECT_THAT(Evolution::make({.operators = "repair:1"}, 1).error().text(),
              HasSubstr("none of them begins anything"));
  EXPECT_THAT(Evolution::make({.population = "islands:cuont=3"}, 1).error().text(),
              HasSubstr("did you mean 'count'"));
  EXPECT_THAT(Evolution::make({.selection = "tournament:size=0"}, 1).error().text(),
              HasSubstr("out of range"));
}

TEST(Novelty, TheSameMachineCodeIsNoNewKernelAndItsTimesAreAveraged) {
  Evolution search = evolution({});
  Member a = kernel("a", 100), again = kernel("b", 80), other = kernel("c", 90);
  a.identity = again.identity = "same";
  other.identity = "other";
  search.start(a);
  EXPECT_EQ(search.measured(search.next(0), again), 0u);
  EXPECT_EQ(search.members().size(), 1u);
  EXPECT_EQ(search.members()[0].ns, 90) << "the mean, not the luckier one";
  EXPECT_FALSE(search.measured(search.next(1), other));
  EXPECT_EQ(search.members().size(), 2u);
}

TEST(Plans, AreReadHoweverTheyAreMarkedUp) {
  const auto plan = parse_plan(
      "It waits for memory.\n**Strategy:** Tiling\n- step: tile the rows\n2. Step 2: unroll by "
      "4.\n");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->strategy, "tiling");
  EXPECT_THAT(plan->steps, ElementsAre("tile the rows", "unroll by 4"));
  EXPECT_FALSE(parse_plan("strategy: magic\nstep: do it"));
  EXPECT_FALSE(parse_plan("strategy: tiling"));
}

}  // namespace
}  // namespace kbench
