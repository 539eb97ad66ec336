#include "harness/judge.hpp"

#include <algorithm>
#include <chrono>

#include "backends/device.hpp"
#include "core/text.hpp"
#include "harness/bench_session.hpp"
#include "harness/candidate_life.hpp"
#include "harness/cores.hpp"
#include "harness/environment.hpp"
#include "harness/launch_limits.hpp"

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
    prepared.build = tl::unexpected(environment_fault(device.error()));
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
    prepared.build = tl::unexpected(environment_fault(task.error()));
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
  const auto& [id, candidate, problem, device, until, incumbent_ns, fidelity, energy] = request;
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
    int64_t workspace = 0;
    for (const TensorShape& buffer : build->timed.buffers) {
      workspace += static_cast<int64_t>(buffer.bytes());
    }
    evaluation.workspace_bytes = workspace;
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
    put(evaluation, environment_fault(task.error()));
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
    put(evaluation, environment_fault(ready.error()));
    return evaluation;
  }
  const bool times = device.times();
  const Evidence until = std::min(request.until, furthest(device));
  CandidateLife life(session, *build, **task, request.problem, evaluation);
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
      Evidence::screened,
      [&] {
        auto screened = life.screen(request.incumbent_ns, request.fidelity);
        if (screened && request.energy) life.measure_energy();
        return screened;
      },
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
