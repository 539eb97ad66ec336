#include "search/models/judging.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kbench {

Result<void> Judging::resume(int64_t campaign) {
  campaign_ = campaign;
  auto recorded = recorded_evaluations(store_, campaign);
  if (!recorded) return tl::unexpected(recorded.error());
  recorded_ = std::move(recorded->asks);
  return {};
}

Result<void> Judging::send(std::deque<Slot>& slots, double incumbent_ns) {
  for (Slot& slot : slots) {
    while (slot.to_judge() && static_cast<int>(under_way_.size()) < evaluator_.depth()) {
      auto ask = next_of(slot);
      if (!ask) break;
      if (auto sent = send(std::move(*ask), incumbent_ns); !sent) return sent;
    }
  }
  return {};
}

std::optional<Judging::Ask> Judging::next_of(Slot& slot) const {
  Tuner& tuner = *slot.tuner;
  const SearchKernel& kernel = tuner.kernel();
  Ask ask;
  ask.slot = &slot;
  ask.candidate = {kernel.file.source, kernel.file.name, {}, kernel.language, kernel.compiler};
  if ((ask.configuration = tuner.next())) {
    ask.candidate.params = kernel.space.to_params(*ask.configuration);
    ask.problem = &with_.problem;
    ask.sequence = slot.first_sequence + tuner.sent() - 1;
    return ask;
  }
  if (!tuner.done() || tuner.best_ns() == 0 || slot.shapes_asked == setup_.shapes.size()) return {};
  ask.candidate.params = tuner.best();
  ask.problem = &setup_.shapes[slot.shapes_asked];
  ask.sequence = slot.first_sequence + slot.share + static_cast<int64_t>(slot.shapes_asked++);
  return ask;
}

Result<void> Judging::send(Ask ask, double incumbent_ns) {
  asked_ = std::max(asked_, ask.sequence + 1);
  if (const auto stored = recorded_.find(ask.sequence); stored != recorded_.end()) {
    if (auto same = check_same(ask.candidate, stored->second); !same) return same;
    tell(ask, stored->second.evaluation, stored->second.id);
    return {};
  }
  const std::string hash = ask.slot->tuner->kernel().file.hash();
  auto intent = store_.record_intent(campaign_, ask.sequence, hash, ask.candidate.params);
  if (!intent) return intent;
  evaluator_.ask({.id = ask.sequence,
                  .candidate = ask.candidate,
                  .problem = *ask.problem,
                  .device = with_.device,
                  .until = Evidence::screened,
                  .incumbent_ns = ask.configuration ? incumbent_ns : 0});
  under_way_.push_back(std::move(ask));
  return {};
}

Result<void> Judging::receive() {
  auto evaluation = evaluator_.next();
  if (!evaluation) return tl::unexpected(evaluation.error());
  Ask done = std::move(under_way_.front());
  under_way_.pop_front();
  if (evaluation->id != done.sequence) {
    return environment_error(fmt::format("the judge answered ask {} out of turn", evaluation->id));
  }
  const std::string command =
      with_.repeat_command ? with_.repeat_command(done.candidate, with_.problem) : "";
  auto id = store_.record(campaign_, done.sequence, done.candidate, *evaluation, command,
                          done.slot->turn.parent);
  if (!id) return tl::unexpected(id.error());
  tell(done, std::move(*evaluation), *id);
  return {};
}

void Judging::tell(Ask& ask, Evaluation evaluation, int64_t id) {
  Slot& slot = *ask.slot;
  if (ask.configuration) slot.tuner->tell(*ask.configuration, evaluation);
  auto& to = ask.configuration ? slot.measured : slot.on_shapes;
  to.push_back({std::move(ask.candidate), std::move(evaluation), id});
}

}  // namespace kbench
