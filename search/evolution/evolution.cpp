#include "search/evolution/evolution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "search/evolution/named.hpp"

namespace kbench {

namespace {

constexpr int kMostRepairs = 2;
constexpr size_t kMostLessons = 12;

}  // namespace

Result<Evolution> Evolution::make(const EvolutionSetup& setup, uint64_t seed) {
  Evolution evolution;
  auto weights = parse_operators(setup.operators);
  if (!weights) return tl::unexpected(weights.error());
  evolution.weights_ = std::move(*weights);
  auto population = make_named(populations(), setup.population, "--population");
  if (!population) return tl::unexpected(population.error());
  evolution.population_ = std::move(*population);
  auto selection = make_named(selections(), setup.selection, "--selection");
  if (!selection) return tl::unexpected(selection.error());
  evolution.selection_ = std::move(*selection);
  evolution.foreign_ = setup.foreign;
  evolution.random_.seed(seed);
  return evolution;
}

std::vector<size_t> Evolution::by_time() const {
  std::vector<size_t> order(members_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return members_[a].ns < members_[b].ns; });
  return order;
}

Turn Evolution::next(int64_t number) {
  if (!queued_.empty()) {
    Turn turn = std::move(queued_.front());
    queued_.pop_front();
    return turn;
  }
  std::vector<size_t> pool = population_->pool(members_, number);
  std::stable_sort(pool.begin(), pool.end(),
                   [&](size_t a, size_t b) { return members_[a].ns < members_[b].ns; });
  const Scene scene{members_, pool, foreign_, *selection_, random_};
  OperatorWeights left = weights_;
  for (;;) {
    std::vector<std::string> names;
    std::vector<double> weights;
    for (const auto& [name, weight] : left) {
      if (weight <= 0 || (*operators().find(name))->begin == nullptr) continue;
      names.push_back(name);
      weights.push_back(weight);
    }
    // Whatever the weights: from nothing one can only write.
    const std::string name = names.empty() ? "write" : names[draw_weighted(weights, random_)];
    auto turn = (*operators().find(name))->begin(scene);
    if (!turn) {
      left[name] = 0;
      continue;
    }
    turn->place = number;
    if (turn->member) ++members_[*turn->member].offspring;
    if (turn->other) ++members_[*turn->other].offspring;
    if (turn->reference_ns == 0 && !members_.empty()) {
      turn->reference_ns = members_[by_time().front()].ns;
    }
    return std::move(*turn);
  }
}

void Evolution::add(Member member, std::optional<int64_t> proposal) {
  members_.push_back(std::move(member));
  population_->add(members_, proposal);
}

std::optional<size_t> Evolution::twin(const Member& member) const {
  if (member.identity.empty()) return {};
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const Member& known) {
    return known.identity == member.identity;
  });
  if (found == members_.end()) return {};
  return static_cast<size_t>(found - members_.begin());
}

std::optional<size_t> Evolution::measured(const Turn& turn, Member member) {
  const auto same = twin(member);
  if (same) {
    Member& known = members_[*same];
    known.ns += (member.ns - known.ns) / static_cast<double>(++known.measured);
  } else {
    member.parent = turn.member;
    add(std::move(member), turn.place);
  }
  if (turn.plan && !turn.plan->done()) {
    follow(*turn.plan, same.value_or(members_.size() - 1), turn.place);
  }
  return same;
}

void Evolution::failed(const Turn& turn, const Failure& failure) {
  if (weights_["repair"] <= 0 || turn.repairs >= kMostRepairs) return;
  Turn repair = turn;  // what it came from, and the plan it is part of, stay
  repair.name = "repair";
  repair.base = failure.source;
  repair.failure = failure.why;
  repair.parent = failure.evaluation_id;
  repair.asks_plan = false;
  ++repair.repairs;
  queued_.push_back(std::move(repair));
}

void Evolution::planned(const Turn& turn, const Plan& plan) {
  if (turn.member) follow(plan, *turn.member, turn.place);
}

void Evolution::follow(const Plan& plan, size_t member, int64_t place) {
  Member& base = members_[member];
  ++base.offspring;
  Turn step;
  step.name = "step";
  step.base = base.source;
  step.parent = base.evaluation_id;
  step.about = fmt::format("{}: {}", plan.strategy, plan.steps[plan.next]);
  step.member = member;
  step.reference_ns = base.ns;
  step.place = place;
  step.plan = plan;
  ++step.plan->next;
  queued_.push_back(std::move(step));
}

void Evolution::learn(const std::string& lesson) {
  if (std::find(lessons_.begin(), lessons_.end(), lesson) != lessons_.end()) return;
  lessons_.push_back(lesson);
  if (lessons_.size() > kMostLessons) lessons_.pop_front();
}

}  // namespace kbench
