#pragma once

#include <memory>
#include <vector>

#include "results/store.hpp"
#include "search/recorded_space.hpp"
#include "search/strategy.hpp"

namespace kbench {

// The fastest configurations of a space that was recorded elsewhere (another device, another
// problem), at most `count`, no two of them differing in one param only: as params, fastest first.
std::vector<Params> fastest_of(const RecordedSpace& elsewhere, size_t count);

// Params of the kernels that campaigns on this task's problems confirmed to be faster than what
// they began with, whatever the problem and the device: newest first, each once, at most `count`.
Result<std::vector<Params>> winners_of(const Store& store, const std::string& task, size_t count);

// Those of them that the space has, in order. Params it does not know are left out, those it has
// beyond them take their defaults.
std::vector<Configuration> known_to(const Space& space, const std::vector<Params>& params);

// A strategy that asks for `first` before it goes on as `inner`, which is told of them. They are
// valid, each once.
std::unique_ptr<Strategy> warm_start(std::vector<Configuration> first,
                                     std::unique_ptr<Strategy> inner);

}  // namespace kbench
