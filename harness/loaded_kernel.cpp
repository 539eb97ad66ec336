#include "harness/loaded_kernel.hpp"

#include <algorithm>
#include <utility>

namespace kbench {

namespace {

constexpr int kThreadsOfADriver = 1000;  // any number: they are not the candidate's
constexpr int kThreadOrders = 4;         // as backends/simt/schedule.cpp takes them in turn

}  // namespace

Judged<std::unique_ptr<LoadedKernel>> LoadedKernel::load(Arena& arena, WorkerServer& server,
                                                         const std::string& image,
                                                         std::vector<PlannedProblem> problems,
                                                         const WorkerLimits& limits) {
  std::unique_ptr<LoadedKernel> kernel(new LoadedKernel(arena));
  // Drivers of OpenCL for several cores leave the main thread waiting for theirs.
  kernel->threads_ = limits.threads + (limits.opencl && limits.threads > 1 ? 1 : 0);
  if (limits.gpu >= 0) kernel->threads_ = kThreadsOfADriver;
  kernel->thread_orders_ = limits.emulated ? kThreadOrders : 1;
  WorkerMemory memory;
  memory.inputs_fd = arena.inputs_descriptor();
  memory.outputs_fd = arena.outputs_descriptor();
  std::vector<LaunchPlan> plans;
  for (const PlannedProblem& planned : problems) {
    TensorRing& ring = planned.context->ring();
    const size_t tensors = ring.shapes().size();
    auto workspace = Workspace::create(arena, *planned.plan, tensors, ring.sets());
    if (!workspace) return fault(Outcome::resource_limit, "workspace", workspace.error().text());
    for (int set = 0; set < ring.sets(); ++set) {
      std::vector<Region> regions = ring.worker_regions(set);
      const auto& buffers = workspace->regions[static_cast<size_t>(set)];
      regions.insert(regions.end(), buffers.begin(), buffers.end());
      memory.regions.push_back(std::move(regions));
      memory.plan_of_set.push_back(static_cast<int>(plans.size()));
      memory.cold.push_back(planned.context->problem().cache == CacheMode::cold);
    }
    const int first = kernel->parts_.empty()
                          ? 0
                          : kernel->parts_.back().first_set +
                                kernel->parts_.back().planned.context->ring().sets();
    plans.push_back(*planned.plan);
    kernel->parts_.push_back({planned, std::move(*workspace), first});
  }
  for (const TensorSpec& tensor : problems.front().context->task().tensors) {
    memory.names.push_back(tensor.name);
  }
  for (size_t b = 0; b < plans.front().buffers.size(); ++b) {
    memory.names.push_back("buffer " + std::to_string(b + 1));
  }
  // Neither answers nor messages of the candidates before it: its first look finds only poison.
  for (size_t part = 0; part < problems.size(); ++part) {
    const int sets = problems[part].context->ring().sets();
    for (int set = 0; set < sets; ++set) kernel->reset(part, set);
  }
  auto worker = server.load(image, plans, memory, limits);
  if (!worker) return tl::unexpected(worker.error());
  kernel->worker_ = std::move(*worker);
  for (const Part& part : kernel->parts_) {
    if (part.planned.plan->prepare.empty()) continue;
    auto ns = kernel->worker_->prepare(part.first_set, kernel->deadline_);
    if (!ns) return tl::unexpected(ns.error());
    kernel->prepare_ns_ = *ns;  // the timed problem comes last
  }
  return kernel;
}

LoadedKernel::~LoadedKernel() {
  worker_.reset();
  arena_->release(mark_);
}

void LoadedKernel::reset(size_t part, int set) {
  const Part& it = parts_[part];
  it.planned.context->ring().reset_outputs(set);
  it.workspace.poison(*arena_, *it.planned.plan, set);
}

Judged<void> LoadedKernel::touch(size_t part, std::span<const int> sets) {
  for (const int set : sets) {
    auto touched = worker_->touch(parts_[part].first_set + set, deadline_);
    if (!touched) return touched;
  }
  return {};
}

std::vector<int> LoadedKernel::numbered(size_t part, std::span<const int> sets) const {
  std::vector<int> numbers(sets.begin(), sets.end());
  for (int& set : numbers) set += parts_[part].first_set;
  return numbers;
}

Fault LoadedKernel::explained(Fault wrong) const {
  if (const auto doubt = worker_->doubt(); doubt && wrong.outcome == doubt->outcome) {
    wrong.rule = doubt->rule;
    wrong.message += "; " + doubt->message;
  }
  return wrong;
}

Judged<double> LoadedKernel::run(size_t part, std::span<const int> sets) {
  const Precautions precautions = take_precautions(part, sets);
  auto ns = worker_->run(numbered(part, sets), deadline_, precautions);
  if (ns && !sets.empty()) watch_gpu();
  if (!ns) {  // perhaps before they were put right
    for (const auto& input : precautions.late_inputs) input.write();
  }
  return ns;
}

Judged<double> LoadedKernel::joules(size_t part, std::span<const int> sets) {
  return worker_->joules(numbered(part, sets), deadline_);
}

void LoadedKernel::watch_gpu() {
  const Worker::GpuReport now = worker_->gpu_report();
  ++batches_;
  replayed_ += now.replayed ? 1 : 0;
  if (now.mhz == 0) return;
  const bool held_down = lowest_clock_.held_down || now.held_down;
  if (lowest_clock_.mhz == 0 || now.mhz < lowest_clock_.mhz) lowest_clock_ = now;
  lowest_clock_.held_down = held_down;
}

std::vector<std::string> LoadedKernel::gpu_notes() {
  std::vector<std::string> notes;
  if (const int replayed = std::exchange(replayed_, 0); replayed > 0) {
    notes.push_back("launches are short: " + std::to_string(replayed) + " of " +
                    std::to_string(batches_) + " batches were replayed from a graph");
  }
  batches_ = 0;
  const Worker::GpuReport lowest = std::exchange(lowest_clock_, {});
  if (lowest.mhz == 0) return notes;
  notes.push_back("the GPU's clock was at " + std::to_string(lowest.mhz) + " of " +
                  std::to_string(lowest.highest_mhz) + " MHz or more" +
                  (lowest.held_down ? ", held down by power or heat" : ""));
  return notes;
}

Precautions LoadedKernel::take_precautions(size_t part, std::span<const int> sets) {
  constexpr size_t kElements = 64;
  ProblemContext& context = *parts_[part].planned.context;
  const std::vector<TensorShape>& shapes = context.ring().shapes();
  std::vector<size_t> inputs, outputs;
  for (size_t t = 0; t < shapes.size(); ++t) {
    const Io io = context.task().tensors[t].io;
    if (shapes[t].elements == 0) continue;
    if (io != Io::out) inputs.push_back(t);
    if (io != Io::in) outputs.push_back(t);
  }
  struct Drawn {
    char* tensor;
    size_t element, other, bytes;
    char* at() const { return tensor + element * bytes; }
  };
  auto draw = [&](const std::vector<size_t>& tensors) {
    const size_t t = tensors[random_() % tensors.size()];
    const int set = sets[random_() % sets.size()];
    const auto elements = static_cast<uint64_t>(shapes[t].elements);
    // The judge's own mapping; const only because kernels' outputs are read through it.
    auto* tensor = const_cast<char*>(static_cast<const char*>(context.ring().working(set)[t]));
    return Drawn{tensor, random_() % elements, random_() % elements, size_of(shapes[t].dtype)};
  };
  Precautions precautions;
  if (sets.empty()) return precautions;
  while (!inputs.empty() && precautions.late_inputs.size() < kElements) {
    const Drawn it = draw(inputs);
    Precautions::Element right{it.at(), 0, it.bytes};
    std::memcpy(&right.value, it.at(), it.bytes);
    precautions.late_inputs.push_back(right);
    // Another element of the tensor: nothing to be recognised by.
    std::memcpy(it.at(), it.tensor + it.other * it.bytes, it.bytes);
  }
  // Backwards, so that one drawn twice ends as it began.
  std::reverse(precautions.late_inputs.begin(), precautions.late_inputs.end());
  // Of an output the first byte, the last of the mantissa: the likeliest to differ.
  while (!outputs.empty() && precautions.watched.size() < kElements) {
    precautions.watched.push_back(draw(outputs).at());
  }
  return precautions;
}

Judged<void> LoadedKernel::check_conduct(size_t part, std::span<const int> sets) const {
  const Part& it = parts_[part];
  for (const int set : sets) {
    for (const Region& buffer : it.workspace.regions[static_cast<size_t>(set)]) {
      if (arena_->intact(buffer)) continue;
      return fault(
          Outcome::out_of_bounds, "canary",
          "writes past the end of a buffer on " + it.planned.context->problem().canonical());
    }
  }
  if (const int alive = worker_->threads(); alive > threads_) {
    return fault(Outcome::suspicious, "threads",
                 "leaves " + std::to_string(alive - 1) + " threads running after it returned, " +
                     std::to_string(threads_) + " allowed");
  }
  return {};
}

void NativeDevice::refresh(std::span<const int> sets, uint64_t seed) {
  static_cast<void>(kernel_.touch(part_, sets));  // a fault comes up again when they are run
  for (const int set : sets) {
    context_.refill(set, seed + static_cast<uint64_t>(set));
    kernel_.reset(part_, set);
  }
}

Judged<void> NativeDevice::check(std::span<const int> sets) {
  constexpr int kSlices = 2;
  for (const int set : sets) {
    if (auto written = context_.check_written(set); !written) return written;
  }
  // One set of the batch, which the kernel cannot know, against the reference on a few slices.
  const int chosen = sets[random_() % sets.size()];
  if (auto right = context_.check_some(chosen, kSlices, random_); !right) return right;
  return kernel_.check_conduct(part_, sets);
}

void NativeDevice::refresh_mixed(std::span<const int> sets, uint64_t seed) {
  const std::vector<Fill>& fills = context_.task().fills;
  static_cast<void>(kernel_.touch(part_, sets));
  std::mt19937_64 random(seed);
  for (const int set : sets) {
    context_.refill(set, random(), fills[random() % fills.size()].name);
    kernel_.reset(part_, set);
  }
}

int NativeDevice::audits() {
  const TensorRing& ring = context_.ring();
  held_.clear();
  for (int held = ring.sets(); held < ring.all(); ++held) held_.push_back(held);
  std::shuffle(held_.begin(), held_.end(), random_);
  audits_of_constants_ = {false};
  const auto& tensors = context_.task().tensors;
  const bool constants = std::any_of(tensors.begin(), tensors.end(),
                                     [](const TensorSpec& tensor) { return tensor.constant; });
  // What `prepare` made of the constants may be kept: there they must not change.
  if (constants && kernel_.problem(part_).plan->prepare.empty()) {
    audits_of_constants_.insert(audits_of_constants_.begin() + random_() % 2, true);
  }
  return static_cast<int>(audits_of_constants_.size());
}

Judged<void> NativeDevice::audit(std::span<const int> sets) {
  const bool constants = audits_of_constants_.back();
  audits_of_constants_.pop_back();
  return constants ? audit_constants(sets) : audit_contents(sets);
}

Judged<void> NativeDevice::audit_contents(std::span<const int> sets) {
  static_cast<void>(kernel_.touch(part_, sets));
  std::vector<std::pair<int, int>> audited;  // set, and the held one whose inputs it has
  std::vector<int> in_any_order(sets.begin(), sets.end());
  std::shuffle(in_any_order.begin(), in_any_order.end(), random_);
  for (const int set : in_any_order) {
    if (held_.empty()) {
      context_.refill(set, random_());
    } else {
      audited.emplace_back(set, held_.back());
      context_.copy_inputs(held_.back(), set);
      held_.pop_back();
    }
    kernel_.reset(part_, set);
  }
  if (auto ns = run(sets); !ns) return tl::unexpected(ns.error());
  for (const int set : sets) {
    if (auto written = context_.check_written(set); !written) return written;
  }
  for (const auto& [set, held] : audited) {
    if (auto right = check_held(context_, set, held, random_); !right) return right;
  }
  return kernel_.check_conduct(part_, sets);
}

Judged<void> NativeDevice::audit_constants(std::span<const int> sets) {
  constexpr int kSlices = 32;
  const auto before = context_.ring().disturb_constants(random_());
  refresh(sets, random_());
  Judged<void> right;
  if (auto ns = run(sets); !ns) right = tl::unexpected(ns.error());
  if (right) right = check(sets);
  if (right) right = context_.check_some(sets[random_() % sets.size()], kSlices, random_);
  context_.ring().restore_constants(before);
  return right;
}

namespace {

// Operations of references that may be spent once per problem on comparing in full.
constexpr double kFullReferenceOperations = 4e8;

}  // namespace

std::vector<std::string> held_fills(const Task& task, const Problem& problem,
                                    std::mt19937_64& random) {
  std::vector<std::string> fills;
  for (const Fill& fill : task.fills) fills.push_back(fill.name);
  const double all = work_of(task, problem) * static_cast<double>(fills.size());
  if (all > kFullReferenceOperations) fills = {fills[random() % fills.size()]};
  return fills;
}

Judged<void> check_held(ProblemContext& context, int set, int held, std::mt19937_64& random) {
  constexpr int kManySlices = 64;
  if (work_of(context.task(), context.problem()) > kFullReferenceOperations) {
    return context.check_some(set, kManySlices, random);
  }
  return context.check_all(set, held);
}

}  // namespace kbench
