#pragma once

#include <deque>

#include "search/evolution/operator.hpp"
#include "search/evolution/population.hpp"

namespace kbench {

// How the next step is chosen, as the flags have it. Population and selection: NAME, or
// NAME:option=value,option=value.
struct EvolutionSetup {
  std::string operators = "";
  std::string population = "all";
  std::string selection = "power_law";
  std::vector<ForeignKernel> foreign = {};
};

// Decides on steps and learns what came of them: what is queued first (the next step of a plan, a
// repair), else an operator drawn by weight, on kernels that the selection takes from the
// population. Deterministic from the seed and what it was told.
class Evolution {
 public:
  // Unknown names and options are errors with near misses.
  static Result<Evolution> make(const EvolutionSetup& setup, uint64_t seed);

  // What proposal `number` is to be.
  Turn next(int64_t number);

  // A starting kernel.
  void start(Member member) { add(std::move(member), {}); }
  // What came of a proposal. A member whose machine code is a known one's makes no new member: its
  // time goes into that one's mean, and its index is returned.
  std::optional<size_t> measured(const Turn& turn, Member member);
  void failed(const Turn& turn, const Failure& failure);
  void planned(const Turn& turn, const Plan& plan);
  // The end of a reply may say what it taught.
  void learn(const std::string& lesson);

  const Members& members() const { return members_; }
  // Fastest first.
  std::vector<size_t> by_time() const;
  const std::vector<ForeignKernel>& foreign() const { return foreign_; }
  const std::deque<std::string>& lessons() const { return lessons_; }

 private:
  void add(Member member, std::optional<int64_t> proposal);
  // Queues the plan's next step, from this member.
  void follow(const Plan& plan, size_t member, int64_t place);
  std::optional<size_t> twin(const Member& member) const;

  OperatorWeights weights_;
  std::unique_ptr<Population> population_;
  std::unique_ptr<ParentSelection> selection_;
  std::vector<ForeignKernel> foreign_;
  std::mt19937_64 random_;
  Members members_;
  std::deque<Turn> queued_;
  std::deque<std::string> lessons_;
};

}  // namespace kbench
