#include "harness/judge.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "backends/device.hpp"
#include "core/text.hpp"
#include "harness/bench_session.hpp"
#include "harness/cores.hpp"
#include "harness/duel.hpp"
#include "harness/environment.hpp"
#include "harness/launch_limits.hpp"
#include "harness/verify.hpp"

namespace kbench {

namespace {

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

void put(Evaluation& evaluation, const Fault& fault) {
  evaluation.outcome = fault.outcome;
  evaluation.rule = fault.rule;
  evaluation.message = fault.message;
}

Fault of_environment(const Error& error) {
  return {Outcome::internal_error, "environment", error.text()};
}

TimerRule timer_rule(const Problem& problem) {
  TimerRule rule;
  rule.whole_ring = problem.cache == CacheMode::cold;
  return rule;
}

// An honest kernel far slower than the incumbent may be stopped early; without one, half a minute.
std::chrono::milliseconds deadline_for(double incumbent_ns, int sets) {
  if (incumbent_ns <= 0) return std::chrono::milliseconds{30'000};
  const double ms = incumbent_ns * 1e-6 * 100 * sets;
  return std::chrono::milliseconds{static_cast<int64_t>(std::clamp(ms, 1'000.0, 30'000.0))};
}

// Tensors to a GPU and back.
constexpr std::chrono::milliseconds kCopying{10'000};

// Margin under a measured ceiling before a time counts as impossible: ceilings are noisy too.
constexpr double kFloorMargin = 1.5;

// Operations and bytes of a problem that the emulated device still runs, beside the ladder.
constexpr double kMostEmulatedWork = 1e8;
constexpr std::chrono::milliseconds kEmulatedDeadline{60'000};

}  // namespace

Judge::Judge(std::unique_ptr<BenchSession> session) : session_(std::move(session)) {}
Judge::~Judge() = default;

Result<std::unique_ptr<Judge>> Judge::start(const JudgeOptions& options) {
  bind_to(share_cores(this_cpu().allowed, 1).rest);
  auto session = BenchSession::start(options.tasks, options.cache, options.seed);
  if (!session) return tl::unexpected(session.error());
  return std::unique_ptr<Judge>(new Judge(std::move(*session)));
}

Compiler& Judge::compiler() {
  return session_->compiler();
}
std::string Judge::sandbox_for(const std::string& device) const {
  const auto parsed = parse_device(device);
  return parsed && parsed->is_gpu() ? gpu_sandbox(parsed->languages().front()) : sandbox();
}
std::string Judge::sandbox() const {
  return session_->server().sandbox();
}
Result<Ceilings> Judge::ceilings(int threads) {
  return session_->ceilings(threads);
}

Result<double> Judge::launch_ns() {
  constexpr int kCalls = 200;
  CompileRequest request;
  LaunchPlan plan;
  plan.stubs = {{"nothing", {}, {}, 1}};
  plan.calls.resize(1);
  request.source = "void nothing() {}\n" + cpp_tail(plan);
  request.name = "nothing.cpp";
  auto image = compiler().compile(request);
  if (!image) return tl::unexpected(image.error());
  if (image->status != CompileStatus::ok) return environment_error(image->log, request.name);
  auto arena = Arena::create();
  if (!arena) return tl::unexpected(arena.error());
  WorkerMemory memory;
  memory.inputs_fd = arena->inputs_descriptor();
  memory.outputs_fd = arena->outputs_descriptor();
  memory.regions.resize(1);
  memory.plan_of_set = {0};
  auto worker = session_->server().load(image->path, {plan}, memory,
                                        session_->worker_limits(1, KernelFile{}));
  if (!worker) return environment_error(worker.error().message);
  std::vector<double> calls;
  for (int i = 0; i < kCalls; ++i) {
    auto ns = (*worker)->run(std::vector<int>{0}, std::chrono::seconds{1});
    if (!ns) return environment_error(ns.error().message);
    calls.push_back(*ns);
  }
  return summarise(std::move(calls)).median_ns;
}

Judge::Prepared Judge::prepare(const Candidate& candidate, const Problem& problem,
                               const std::string& device_name) {
  Prepared prepared;
  auto device = parse_device(device_name);
  if (!device) {
    prepared.build = tl::unexpected(of_environment(device.error()));
    return prepared;
  }
  const std::vector<std::string> languages = device->languages();
  if (std::find(languages.begin(), languages.end(), candidate.language) == languages.end()) {
    prepared.build = fault(Outcome::unsupported, "language",
                           candidate.kernel_name + " is written in " + candidate.language +
                               "; device " + device->name + " runs " + join(languages, " and "));
    return prepared;
  }
  auto task = session_->task(problem.task);
  if (!task) {
    prepared.build = tl::unexpected(of_environment(task.error()));
    return prepared;
  }
  const Bindings bindings = bindings_of(*device, candidate.language);
  prepared.build =
      make_build(session_->compiler(*device, candidate.language), candidate, **task, problem,
                 BenchSession::ladder_of(**task, problem), bindings, prepared.image);
  const bool limited = !device->runs() || device->is_gpu() || candidate.language == "opencl";
  if (prepared.build && limited) {
    auto fits = check_launch_limits(prepared.build->timed, prepared.image, bindings);
    if (!fits) prepared.build = tl::unexpected(fits.error());
  }
  return prepared;
}

namespace {

// One candidate's way through the judge; members are what the stages share.
class Life {
 public:
  Life(BenchSession& session, const Build& build, const Task& task, const Problem& problem,
       Evaluation& evaluation)
      : session_(session),
        build_(build),
        task_(task),
        problem_(problem),
        evaluation_(evaluation),
        limits_(session.worker_limits(problem.threads, build.kernel)) {}

  Judged<void> load(double incumbent_ns);
  Judged<void> verify(bool screen_follows);
  // Load and verify on the emulated device: the ladder, and the problem if it is not too large.
  Judged<void> emulate();
  Judged<void> screen(double incumbent_ns, double fidelity);
  // Against the roofline: the share reached, and whether the time is possible at all.
  Judged<void> weigh(double ns);
  double kernel_ns() const { return kernel_ns_; }

 private:
  size_t timed_part() const;

  BenchSession& session_;
  const Build& build_;
  const Task& task_;
  const Problem& problem_;
  Evaluation& evaluation_;
  WorkerLimits limits_;
  std::vector<ProblemContext*> ladder_;
  ProblemContext* timed_ = nullptr;
  std::unique_ptr<LoadedKernel> kernel_;
  double kernel_ns_ = 0;
};

size_t Life::timed_part() const {
  size_t part = 0;
  for (size_t rung = 0; rung < ladder_.size(); ++rung) {
    part += build_.ladder[rung] && build_.ladder_images[rung] == build_.image.path ? 1 : 0;
  }
  return part;
}

Judged<void> Life::load(double incumbent_ns) {
  auto ladder = session_.ladder(task_, problem_);
  if (!ladder) return tl::unexpected(of_environment(ladder.error()));
  ladder_ = std::move(*ladder);
  auto timed = session_.timed(task_, problem_);
  if (!timed) return tl::unexpected(of_environment(timed.error()));
  timed_ = *timed;
  evaluation_.seed = timed_->seed(0);
  auto kernel = load_build(session_.arena(), session_.server(), build_, ladder_, timed_, limits_);
  if (!kernel) return tl::unexpected(kernel.error());
  kernel_ = std::move(*kernel);
  const bool copies = session_.device().is_gpu();
  kernel_->set_deadline(deadline_for(incumbent_ns, timed_->ring().sets()) +
                        (copies ? kCopying : std::chrono::milliseconds{0}));
  evaluation_.prepare_ns = kernel_->prepare_ns();
  return {};
}

Judged<void> Life::verify(bool screen_follows) {
  auto found =
      verify_ladder(session_.arena(), session_.server(), build_, ladder_, *kernel_, limits_);
  if (!found) return tl::unexpected(found.error());
  kernel_ns_ += found->kernel_ns;
  if (!screen_follows) {
    auto right = verify_timed(*kernel_, timed_part(), session_.random());
    if (!right) return right;
  }
  evaluation_.notes.push_back("verified on " + std::to_string(found->problems + 1) +
                              " problems with " + std::to_string(task_.fills.size()) + " fills");
  if (found->unsupported > 0) {
    evaluation_.notes.push_back("its header excludes " + std::to_string(found->unsupported) +
                                " of the task's verification problems");
  }
  return {};
}

Judged<void> Life::emulate() {
  limits_ = session_.emulated_limits();
  auto ladder = session_.ladder(task_, problem_);
  if (!ladder) return tl::unexpected(of_environment(ladder.error()));
  ladder_ = std::move(*ladder);
  const double work = flops_of(task_, problem_).value_or(0) + bytes_of(task_, problem_).value_or(0);
  std::unique_ptr<ProblemContext> asked;
  if (work <= kMostEmulatedWork) {
    auto opened = session_.open_once(task_, problem_, {1, {problem_.fill}});
    if (!opened) return tl::unexpected(of_environment(opened.error()));
    asked = std::move(*opened);
  }
  auto kernel =
      load_build(session_.arena(), session_.server(), build_, ladder_, asked.get(), limits_);
  if (!kernel) return tl::unexpected(kernel.error());
  kernel_ = std::move(*kernel);
  kernel_->set_deadline(kEmulatedDeadline);
  auto found =
      verify_ladder(session_.arena(), session_.server(), build_, ladder_, *kernel_, limits_);
  if (found && asked) {
    auto last = verify_part(*kernel_, timed_part());
    if (!last) return tl::unexpected(last.error());
    found->problems += last->problems;
  }
  kernel_.reset();
  if (!found) return tl::unexpected(found.error());
  evaluation_.notes.push_back("verified on " + std::to_string(found->problems) + " problems with " +
                              std::to_string(task_.fills.size()) + " fills");
  if (!asked) {
    evaluation_.notes.push_back("the problem itself is too large to emulate: not run");
  }
  return {};
}

Judged<void> Life::screen(double incumbent_ns, double fidelity) {
  NativeDevice device(*kernel_, timed_part(), session_.random()());
  Timer<NativeDevice> timer(device, in_part(timer_rule(problem_), fidelity), session_.random()());
  kernel_->gpu_notes();  // of the verification
  auto timing = timer.screen(incumbent_ns);
  kernel_ns_ += timer.kernel_ns();
  for (std::string& note : kernel_->gpu_notes()) evaluation_.notes.push_back(std::move(note));
  if (!timing) return tl::unexpected(timing.error());
  evaluation_.timing = std::move(*timing);
  return weigh(evaluation_.timing.median_ns);
}

Judged<void> Life::weigh(double ns) {
  evaluation_.flops = flops_of(task_, problem_).value_or(0);
  evaluation_.bytes = bytes_of(task_, problem_).value_or(0);
  auto ceilings = session_.ceilings(problem_.threads);
  if (!ceilings || ns <= 0) return {};
  Floor floor = roofline_floor(*ceilings, task_, problem_);
  if (ns < floor.ns) {  // the machine may have been busy when it was measured
    if (auto raised = session_.raise_ceilings(problem_.threads)) {
      floor = roofline_floor(*raised, task_, problem_);
    }
  }
  evaluation_.roofline_share = floor.ns / ns;
  if (ns * kFloorMargin >= floor.ns) return {};
  const bool gpu = session_.device().is_gpu();
  const std::string what = std::to_string(floor.ns / ns).substr(0, 4) + " times faster than " +
                           (gpu ? "the GPU's " : "this machine's measured ") +
                           (floor.by_memory ? "bandwidth" : "arithmetic") + " allows";
  // The floor binds where every byte must come from memory, or for plain f32 and f64 arithmetic;
  // small types have wider units than the probe measures, and warm data may sit in a nearer cache.
  // On a GPU matrix units may do f32 arithmetic in parts.
  const Variant* variant = task_.variant(problem_.variant);
  const bool plain = !gpu && variant != nullptr && variant->name.starts_with("f32");
  const bool binds = floor.by_memory ? problem_.cache == CacheMode::cold : plain;
  if (binds) return fault(Outcome::suspicious, "floor", what);
  evaluation_.notes.push_back(what);
  return {};
}

// As far as a device can take a kernel by itself.
Evidence furthest(const Device& device) {
  if (!device.runs()) return Evidence::compiled;
  return device.times() ? Evidence::screened : Evidence::verified;
}

// OpenCL's device is this CPU too, so that its kernels rank among the others.
std::string model_of(const std::string& device) {
  const auto parsed = parse_device(device);
  if (!parsed || !parsed->times()) return device;
  if (!parsed->is_gpu()) return this_cpu().model;
  const auto gpu = parsed->gpu();
  return gpu ? gpu->name : device;
}

Evaluation blank(const EvaluationRequest& request, const Build* build, const CompiledImage& image,
                 const std::string& sandbox) {
  const auto& [id, candidate, problem, device, until, incumbent_ns, fidelity] = request;
  Evaluation evaluation;
  evaluation.id = id;
  evaluation.params = candidate.params;
  evaluation.problem = problem;
  evaluation.device = device;
  evaluation.device_model = model_of(device);
  evaluation.sandbox = sandbox;
  evaluation.compiler = image.compiler;
  evaluation.target = image.target;
  evaluation.log = image.log;
  evaluation.code_bytes = image.code_bytes;
  evaluation.costs.compile_ms = image.cached ? 0 : image.milliseconds;
  if (auto kernel = parse_kernel_file(candidate.kernel_text, candidate.kernel_name)) {
    evaluation.kernel_hash = kernel->hash();
    if (auto params = complete_params(*kernel, candidate.params)) evaluation.params = *params;
  }
  if (build != nullptr) {
    evaluation.candidate_hash = build->candidate_hash;
    evaluation.build_hash = build->build_hash;
    evaluation.equivalent_hash = build->equivalent_hash;
  }
  return evaluation;
}

}  // namespace

Evaluation Judge::evaluate(const EvaluationRequest& request, Prepared prepared) {
  const auto start = std::chrono::steady_clock::now();
  const Build* build = prepared.build ? &*prepared.build : nullptr;
  Evaluation evaluation = blank(request, build, prepared.image, sandbox_for(request.device));
  BenchSession& session = *session_;
  auto task = session.task(request.problem.task);
  if (!task) {
    put(evaluation, of_environment(task.error()));
    return evaluation;
  }
  if (build == nullptr) {
    put(evaluation, prepared.build.error());
    return evaluation;
  }
  evaluation.evidence = Evidence::compiled;
  evaluation.outcome = Outcome::ok;
  const Device device = *parse_device(request.device);  // known: it was built for it
  if (auto ready = session.use_device(device); !ready && device.runs()) {
    put(evaluation, of_environment(ready.error()));
    return evaluation;
  }
  const bool times = device.times();
  const Evidence until = std::min(request.until, furthest(device));
  Life life(session, *build, **task, request.problem, evaluation);
  auto stage = [&](Evidence reached, auto&& work, double& cost_ms) {
    if (evaluation.outcome != Outcome::ok || until < reached) return;
    const auto begin = std::chrono::steady_clock::now();
    auto done = work();
    cost_ms += milliseconds_since(begin);
    if (done) {
      evaluation.evidence = reached;
    } else {
      put(evaluation, done.error());
    }
  };
  stage(
      Evidence::verified,
      [&]() -> Judged<void> {
        if (!times) return life.emulate();
        if (auto loaded = life.load(request.incumbent_ns); !loaded) return loaded;
        return life.verify(until > Evidence::verified);
      },
      evaluation.costs.verify_ms);
  stage(
      Evidence::screened, [&] { return life.screen(request.incumbent_ns, request.fidelity); },
      evaluation.costs.screen_ms);
  // A part of a screen is good enough to go on searching, not to be remembered as its time.
  if (request.fidelity < 1) evaluation.evidence = std::min(evaluation.evidence, Evidence::verified);
  note_resources(build->timed, prepared.image, evaluation.notes);
  if (evaluation.outcome == Outcome::ok && !times) evaluation.notes.push_back(device.proof());
  session.roll(**task, request.problem);
  evaluation.costs.kernel_ms = life.kernel_ns() * 1e-6;
  evaluation.costs.harness_ms = milliseconds_since(start) - evaluation.costs.kernel_ms;
  return evaluation;
}

}  // namespace kbench
