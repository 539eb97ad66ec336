#include "harness/tensor_ring.hpp"

#include <algorithm>
#include <cstring>
#include <random>

#include "core/text.hpp"
#include "harness/compare.hpp"

namespace kbench {

namespace {

constexpr size_t kWarmRingBytes = size_t{16} << 20;
constexpr size_t kMostWarmSets = 64;
constexpr size_t kMostColdSets = 4096;

size_t set_bytes(const std::vector<TensorShape>& shapes, const Task& task) {
  size_t bytes = 0;
  for (size_t t = 0; t < shapes.size(); ++t) {
    if (task.tensors[t].constant) continue;
    bytes += shapes[t].bytes() * (task.tensors[t].io == Io::inout ? 2 : 1);
  }
  return std::max<size_t>(bytes, 1);
}

}  // namespace

Result<TensorRing> TensorRing::create(Arena& arena, const Task& task, const Problem& problem,
                                      const RingSpec& spec) {
  TensorRing ring(arena, task);
  ring.sets_ = spec.sets;
  ring.problem_ = problem;
  const int sets = spec.sets + static_cast<int>(spec.held.size());
  auto shapes = shapes_of(task, problem);
  if (!shapes) return tl::unexpected(shapes.error());
  ring.shapes_ = std::move(*shapes);
  const size_t needed = set_bytes(ring.shapes_, task) * static_cast<size_t>(sets);
  if (const size_t free = available_memory_bytes(); needed > free / 10 * 9) {
    return environment_error("problem " + problem.canonical() + " needs " +
                                 format_bytes(static_cast<double>(needed)) + " for " +
                                 std::to_string(sets) + " tensor sets, and only " +
                                 format_bytes(static_cast<double>(free)) + " of memory are free",
                             {}, "choose smaller dims");
  }
  for (int set = 0; set < sets; ++set) {
    ring.problems_.push_back(problem);
    if (set >= spec.sets) {
      ring.problems_.back().fill = spec.held[index(set - spec.sets)];
    } else if (!spec.fills.empty()) {
      ring.problems_.back().fill = spec.fills[index(set) % spec.fills.size()];
    }
    ring.fills_.push_back(ring.problems_.back().fill);
    std::vector<Region> pristine, working;
    for (size_t t = 0; t < task.tensors.size(); ++t) {
      const TensorSpec& tensor = task.tensors[t];
      const bool shared = tensor.constant && set > 0;
      Region before, after;
      if (shared) before = ring.pristine_[0][t];
      if (!shared && tensor.io != Io::out) {
        auto region = arena.allocate(ring.shapes_[t].bytes(), false);
        if (!region) return tl::unexpected(region.error());
        before = *region;
      }
      after = before;
      if (tensor.io != Io::in) {
        auto region = arena.allocate(ring.shapes_[t].bytes(), true);
        if (!region) return tl::unexpected(region.error());
        after = *region;
      }
      pristine.push_back(before);
      working.push_back(after);
    }
    ring.pristine_.push_back(std::move(pristine));
    ring.working_.push_back(std::move(working));
  }
  return ring;
}

void TensorRing::fill(int set, uint64_t seed, const std::string& fill_name) {
  std::vector<void*> tensors;
  for (size_t t = 0; t < shapes_.size(); ++t) {
    const TensorSpec& tensor = task_->tensors[t];
    const bool skip = tensor.io == Io::out || tensor.constant;
    tensors.push_back(skip ? nullptr : arena_->at(pristine_[index(set)][t]));
  }
  Problem& contents = problems_[index(set)];
  // Not every fill suits every shape; the problem's own does.
  for (const std::string& wanted :
       {fill_name.empty() ? fills_[index(set)] : fill_name, problem_.fill}) {
    contents.fill = wanted;
    if (fill_inputs(*task_, contents, seed, tensors)) return;
  }
}

void TensorRing::copy_inputs(int from, int to) {
  problems_[index(to)].fill = problem(from).fill;
  for (size_t t = 0; t < shapes_.size(); ++t) {
    if (task_->tensors[t].io == Io::out || task_->tensors[t].constant) continue;
    std::memcpy(arena_->at(pristine_[index(to)][t]), arena_->at(pristine_[index(from)][t]),
                shapes_[t].bytes());
  }
}

std::vector<std::vector<char>> TensorRing::disturb_constants(uint64_t seed) {
  constexpr int kChanged = 64;
  std::vector<std::vector<char>> before(shapes_.size());
  for (size_t t = 0; t < shapes_.size(); ++t) {
    if (!task_->tensors[t].constant) continue;
    const auto* bytes = static_cast<const char*>(arena_->at(pristine_[0][t]));
    before[t].assign(bytes, bytes + shapes_[t].bytes());
  }
  fill_constants(seed);
  std::mt19937_64 random(seed);
  for (size_t t = 0; t < shapes_.size(); ++t) {
    // Offsets and indices may agree with each other: those are new as a whole.
    const DType type = shapes_[t].dtype;
    if (before[t].empty() || !(is_floating(type) || size_of(type) == 1)) continue;
    auto* now = static_cast<char*>(arena_->at(pristine_[0][t]));
    std::vector<char> mixed = before[t];
    for (int i = 0; i < kChanged; ++i) {
      const size_t at = random() % static_cast<uint64_t>(shapes_[t].elements) * size_of(type);
      std::copy_n(now + at, size_of(type), mixed.data() + at);
    }
    std::memcpy(now, mixed.data(), mixed.size());
  }
  return before;
}

void TensorRing::restore_constants(const std::vector<std::vector<char>>& contents) {
  for (size_t t = 0; t < contents.size(); ++t) {
    if (contents[t].empty()) continue;
    std::memcpy(arena_->at(pristine_[0][t]), contents[t].data(), contents[t].size());
  }
}

void TensorRing::fill_constants(uint64_t seed) {
  std::vector<void*> tensors;
  for (size_t t = 0; t < shapes_.size(); ++t) {
    tensors.push_back(task_->tensors[t].constant ? arena_->at(pristine_[0][t]) : nullptr);
  }
  static_cast<void>(fill_inputs(*task_, problem(), seed, tensors));
}

void TensorRing::reset_outputs(int set) {
  for (size_t t = 0; t < shapes_.size(); ++t) {
    const Io io = task_->tensors[t].io;
    void* working = arena_->at(working_[index(set)][t]);
    if (io == Io::out) poison(working, shapes_[t].dtype, shapes_[t].elements);
    if (io == Io::inout)
      std::memcpy(working, arena_->at(pristine_[index(set)][t]), shapes_[t].bytes());
    if (io != Io::in) arena_->guard(working_[index(set)][t]);
  }
}

std::vector<const void*> TensorRing::pristine(int set) const {
  std::vector<const void*> tensors;
  for (size_t t = 0; t < shapes_.size(); ++t) {
    tensors.push_back(task_->tensors[t].io == Io::out ? nullptr
                                                      : arena_->at(pristine_[index(set)][t]));
  }
  return tensors;
}

std::vector<const void*> TensorRing::working(int set) const {
  std::vector<const void*> tensors;
  for (const Region& region : working_[index(set)]) tensors.push_back(arena_->at(region));
  return tensors;
}

int TensorRing::damaged_output(int set) const {
  for (size_t t = 0; t < shapes_.size(); ++t) {
    if (task_->tensors[t].io != Io::in && !arena_->intact(working_[index(set)][t])) {
      return static_cast<int>(t);
    }
  }
  return -1;
}

int TensorRing::unwritten_output(int set) const {
  for (size_t t = 0; t < shapes_.size(); ++t) {
    if (task_->tensors[t].io == Io::out &&
        find_poison(arena_->at(working_[index(set)][t]), shapes_[t].dtype, shapes_[t].elements) >=
            0) {
      return static_cast<int>(t);
    }
  }
  return -1;
}

Result<Workspace> Workspace::create(Arena& arena, const LaunchPlan& plan, size_t tensors,
                                    int sets) {
  Workspace workspace;
  workspace.prepared.assign(plan.buffers.size(), false);
  for (const PlannedCall& call : plan.prepare) {
    for (const PlannedArgument& argument : call.arguments) {
      if (argument.kind == Argument::Kind::pointer &&
          argument.tensor >= static_cast<int>(tensors)) {
        workspace.prepared[static_cast<size_t>(argument.tensor) - tensors] = true;
      }
    }
  }
  size_t bytes = 0;
  for (const TensorShape& buffer : plan.buffers) bytes += buffer.bytes();
  if (bytes * static_cast<size_t>(sets) > available_memory_bytes() / 2) {
    return environment_error("the kernel's buffers take " +
                             format_bytes(static_cast<double>(bytes) * sets) +
                             ", more than half of the free memory");
  }
  for (int set = 0; set < sets; ++set) {
    std::vector<Region> regions;
    for (size_t b = 0; b < plan.buffers.size(); ++b) {
      if (workspace.prepared[b] && set > 0) {
        regions.push_back(workspace.regions[0][b]);
        continue;
      }
      auto region = arena.allocate(plan.buffers[b].bytes(), true);
      if (!region) return tl::unexpected(region.error());
      regions.push_back(*region);
    }
    workspace.regions.push_back(std::move(regions));
  }
  return workspace;
}

void Workspace::poison(const Arena& arena, const LaunchPlan& plan, int set) const {
  for (size_t b = 0; b < plan.buffers.size(); ++b) {
    if (prepared[b]) continue;
    kbench::poison(arena.at(regions[static_cast<size_t>(set)][b]), plan.buffers[b].dtype,
                   plan.buffers[b].elements);
  }
}

int timed_sets(const Task& task, const Problem& problem, size_t cache_bytes) {
  auto shapes = shapes_of(task, problem);
  if (!shapes) return 2;
  const size_t bytes = set_bytes(*shapes, task);
  const size_t goal = problem.cache == CacheMode::cold ? 2 * cache_bytes : kWarmRingBytes;
  const size_t most = problem.cache == CacheMode::cold ? kMostColdSets : kMostWarmSets;
  return static_cast<int>(std::clamp<size_t>((goal + bytes - 1) / bytes, 2, most));
}

}  // namespace kbench
