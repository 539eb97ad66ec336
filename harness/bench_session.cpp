#include "harness/bench_session.hpp"

#include <algorithm>

#include "core/paths.hpp"
#include "harness/cores.hpp"
#include "harness/environment.hpp"
#include "harness/gpu_ceilings.hpp"
#include "harness/loaded_kernel.hpp"

namespace kbench {

namespace {

// Where ceilings could not be measured: a last-level cache larger than any seen in use.
constexpr size_t kAssumedCacheBytes = size_t{64} << 20;

// On a GPU the worker itself flushes the cache, and a stream takes so many launches and no more.
constexpr int kMostGpuSets = 64;

// So that two problems need little more memory than one.
constexpr double kFarSmaller = 4;

// Drivers take long to start where several GPUs sleep.
constexpr std::chrono::seconds kGpuLoad{60};

}  // namespace

Result<std::unique_ptr<BenchSession>> BenchSession::start(const std::string& tasks_folder,
                                                          const std::string& cache, uint64_t seed) {
  std::unique_ptr<BenchSession> session(new BenchSession);
  session->tasks_folder_ = tasks_folder.empty() ? data_root() + "/tasks" : tasks_folder;
  session->cache_folder_ = cache.empty() ? cache_folder() : cache;
  session->compiler_ = make_cpp_compiler(session->cache_folder_);
  session->random_.seed(
      seed != 0 ? seed : (uint64_t{std::random_device{}()} << 32) ^ std::random_device{}());
  auto server = WorkerServer::start();
  if (!server) return tl::unexpected(server.error());
  session->server_ = std::move(*server);
  return session;
}

Compiler& BenchSession::compiler(const Device& device, const std::string& language) {
  if (language == "cpp" || language == "host-cuda") return *compiler_;
  const std::lock_guard lock(compilers_mutex_);
  auto& compiler = compilers_[device.name];
  if (!compiler) compiler = device.make_compiler(cache_folder_);
  return *compiler;
}

Result<void> BenchSession::use_device(const Device& device) {
  const bool other_gpu = device.kind != device_.kind || device.number != device_.number;
  if (device.is_gpu() != device_.is_gpu() || (device.is_gpu() && other_gpu)) {
    timed_.clear();  // their rings were made for another cache
  }
  device_ = device;
  if (!device.is_gpu()) return {};
  const auto gpu = device.gpu();
  if (!gpu) return tl::unexpected(gpu.error());
  if (gpu_locks_.contains(gpu->bus)) return {};
  auto lock = DeviceLock::take(gpu->bus);
  if (!lock) return tl::unexpected(lock.error());
  gpu_locks_[gpu->bus] = std::move(*lock);
  return {};
}

Result<const Task*> BenchSession::task(const std::string& name) {
  const std::lock_guard lock(tasks_mutex_);
  auto& slot = tasks_[name];
  if (!slot) {
    auto task = find_task(tasks_folder_, name);
    if (!task) return tl::unexpected(task.error());
    slot = std::make_unique<Task>(std::move(*task));
  }
  return slot.get();
}

std::vector<Problem> BenchSession::ladder_of(const Task& task, const Problem& problem) {
  std::vector<Problem> rungs = task.verify;
  for (Problem& rung : rungs) {
    rung.variant = problem.variant;
    rung.threads = problem.threads;
    rung.fill = task.fills.front().name;
  }
  std::stable_sort(rungs.begin(), rungs.end(), [&](const Problem& a, const Problem& b) {
    return work_of(task, a) < work_of(task, b);
  });
  // Every rung is judged on every fill, so problems that differ in their fill are one.
  std::vector<Problem> distinct;
  for (Problem& rung : rungs) {
    if (std::find(distinct.begin(), distinct.end(), rung) == distinct.end()) {
      distinct.push_back(std::move(rung));
    }
  }
  return distinct;
}

Result<std::string> BenchSession::reference_image(const Task& task, const std::string& variant) {
  std::string& path = reference_images_[task.name + "/" + variant];
  if (!path.empty()) return path;
  CompileRequest request;
  request.source = reference_source(task, *task.variant(variant));
  request.name = task.folder + "/reference.cpp";
  request.flags = {"-O3", "-fvisibility=default"};  // its entry point is looked up by name
  auto image = compiler_->compile(request);
  if (!image) return tl::unexpected(image.error());
  if (image->status != CompileStatus::ok) {
    return bad_input("the reference of task " + task.name + " does not compile:\n" + image->log,
                     task.folder + "/reference.cpp");
  }
  path = image->path;
  return path;
}

WorkerLimits BenchSession::worker_limits(int threads, const KernelFile& kernel) const {
  WorkerLimits limits;
  if (device_.is_gpu()) {
    limits.gpu = device_.number;
    limits.gpu_language = device_.languages().front();
    limits.load = kGpuLoad;
    return limits;
  }
  limits.any_library = kernel.baseline;
  limits.clock = kernel.baseline || kernel.source.find("-fopenmp") != std::string::npos;
  limits.threads = threads;
  const auto& languages = kernel.languages;
  limits.opencl = std::find(languages.begin(), languages.end(), "opencl") != languages.end();
  limits.cpus = share_cores(this_cpu().allowed, threads).timing;
  return limits;
}

WorkerLimits BenchSession::emulated_limits() const {
  WorkerLimits limits;
  limits.emulated = true;
  limits.address_space_bytes = size_t{256} << 30;
  limits.cpus = share_cores(this_cpu().allowed, 1).timing;
  return limits;
}

WorkerLimits BenchSession::reference_limits(int threads) const {
  WorkerLimits limits;
  limits.cpus = share_cores(this_cpu().allowed, threads).timing;
  return limits;
}

Result<void> BenchSession::use(const Task& task, const Problem& problem) {
  const std::string key = task.name + "/" + problem.variant + "/" + std::to_string(problem.threads);
  if (open_for_ == key) return {};
  timed_.clear();
  ladder_.clear();
  open_for_.clear();
  auto arena = Arena::create();
  if (!arena) return tl::unexpected(arena.error());
  arena_ = std::make_unique<Arena>(std::move(*arena));
  std::vector<std::string> fills;
  for (const Fill& fill : task.fills) fills.push_back(fill.name);
  const int sets = static_cast<int>(std::max<size_t>(fills.size(), 2));
  for (const Problem& rung : ladder_of(task, problem)) {
    auto context = open_once(task, rung, {sets, fills});
    if (!context) return tl::unexpected(context.error());
    ladder_.push_back(std::move(*context));
  }
  after_ladder_ = arena_->mark();
  open_for_ = key;
  return {};
}

Result<std::unique_ptr<ProblemContext>> BenchSession::open_once(const Task& task,
                                                                const Problem& problem,
                                                                const RingSpec& ring) {
  auto image = reference_image(task, problem.variant);
  if (!image) return tl::unexpected(image.error());
  return ProblemContext::open(*arena_, *server_, *image, task, problem, ring, random_(),
                              reference_limits(problem.threads));
}

Result<std::vector<ProblemContext*>> BenchSession::ladder(const Task& task,
                                                          const Problem& problem) {
  if (auto ready = use(task, problem); !ready) return tl::unexpected(ready.error());
  std::vector<ProblemContext*> contexts;
  for (const auto& context : ladder_) contexts.push_back(context.get());
  return contexts;
}

Result<ProblemContext*> BenchSession::timed(const Task& task, const Problem& problem) {
  if (auto ready = use(task, problem); !ready) return tl::unexpected(ready.error());
  for (const auto& context : timed_) {
    if (context->problem() == problem) return context.get();
  }
  // A campaign with a smaller problem goes to and fro between the two.
  const bool beside = timed_.size() == 1 &&
                      kFarSmaller * work_of(task, problem) <= work_of(task, timed_[0]->problem());
  if (!beside) {
    timed_.clear();
    arena_->release(after_ladder_);
  }
  size_t cache = kAssumedCacheBytes;
  if (auto known = ceilings(problem.threads)) cache = known->cache_bytes;
  int sets = timed_sets(task, problem, cache);
  if (device_.is_gpu()) sets = std::min(sets, kMostGpuSets);
  auto context = open_once(task, problem, {sets, {}, held_fills(task, problem, random_)});
  if (!context) return tl::unexpected(context.error());
  timed_.push_back(std::move(*context));
  return timed_.back().get();
}

void BenchSession::roll(const Task& task, const Problem& problem) {
  if (!use(task, problem) || ladder_.empty()) return;
  ProblemContext& rung = *ladder_[rolled_ % ladder_.size()];
  const int sets = rung.ring().sets();
  rung.refill(static_cast<int>(rolled_ / ladder_.size()) % sets, random_());
  ++rolled_;
}

Result<void> BenchSession::renew(const Task& task, const Problem& problem) {
  auto timed_context = timed(task, problem);
  if (!timed_context) return tl::unexpected(timed_context.error());
  std::vector<ProblemContext*> contexts{*timed_context};
  for (const auto& rung : ladder_) contexts.push_back(rung.get());
  for (ProblemContext* context : contexts) {
    context->refill_constants(random_());
    for (int set = 0; set < context->ring().sets(); ++set) context->refill(set, random_());
  }
  // Held sets have dear answers, and no confirmation looks at them: one at a time will do.
  TensorRing& ring = (*timed_context)->ring();
  const auto held = static_cast<uint64_t>(ring.all() - ring.sets());
  (*timed_context)->refill(ring.sets() + static_cast<int>(random_() % held), random_());
  return {};
}

Result<Ceilings> BenchSession::ceilings(int threads) {
  if (device_.is_gpu()) {
    const auto gpu = device_.gpu();
    if (!gpu) return tl::unexpected(gpu.error());
    return ceilings_of(*gpu);
  }
  auto found = ceilings_.find(threads);
  if (found != ceilings_.end()) return found->second;
  auto measured = ceilings_of_this_machine(*compiler_, threads);
  if (measured) ceilings_[threads] = *measured;
  return measured;
}

Result<Ceilings> BenchSession::raise_ceilings(int threads) {
  if (raises_left_ == 0 || device_.is_gpu()) return ceilings(threads);
  --raises_left_;
  auto raised = kbench::raise_ceilings(*compiler_, threads);
  if (raised) ceilings_[threads] = *raised;
  return raised;
}

}  // namespace kbench
