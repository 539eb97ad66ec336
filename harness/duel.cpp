#include "harness/duel.hpp"

#include <cstring>

namespace kbench {

namespace {

using Side = PairFault::Side;

tl::unexpected<PairFault> blame(Side side, const Fault& fault) {
  return tl::unexpected(PairFault{side, fault});
}

class NativeLaunch final : public Launch<NativeDevice> {
 public:
  NativeLaunch(BenchSession& session, std::unique_ptr<LoadedKernel> a,
               std::unique_ptr<LoadedKernel> b)
      : session_(session),
        a_kernel_(std::move(a)),
        b_kernel_(std::move(b)),
        a_(*a_kernel_, 0, session.random()()),
        b_(*b_kernel_, 0, session.random()()) {}
  ~NativeLaunch() override {
    b_kernel_.reset();  // the arena wants the last one loaded first
    a_kernel_.reset();
  }

  NativeDevice& a() override { return a_; }
  NativeDevice& b() override { return b_; }
  tl::expected<void, PairFault> agree(const std::vector<int>& order) override;

 private:
  tl::expected<void, PairFault> run_and_check(NativeDevice& device, Side side,
                                              const std::vector<int>& order, int set);
  tl::expected<void, PairFault> settle(int set, int tensor, const std::vector<int64_t>& slices,
                                       const std::vector<std::vector<char>>& a_outputs);
  void put_back(int set, const std::vector<std::vector<char>>& outputs);

  BenchSession& session_;
  std::unique_ptr<LoadedKernel> a_kernel_, b_kernel_;
  NativeDevice a_, b_;
};

tl::expected<void, PairFault> NativeLaunch::run_and_check(NativeDevice& device, Side side,
                                                          const std::vector<int>& order, int set) {
  constexpr int kSlices = 16;
  if (auto ns = device.run(order); !ns) return blame(side, ns.error());
  auto right = device.context().check_some(set, kSlices, session_.random());
  if (!right) return blame(side, right.error());
  return {};
}

void NativeLaunch::put_back(int set, const std::vector<std::vector<char>>& outputs) {
  const std::vector<const void*> working = a_.context().ring().working(set);
  for (size_t t = 0; t < outputs.size(); ++t) {
    // The judge's own mapping; const only because kernels' outputs are read through it.
    if (!outputs[t].empty())
      std::memcpy(const_cast<void*>(working[t]), outputs[t].data(), outputs[t].size());
  }
}

tl::expected<void, PairFault> NativeLaunch::settle(
    int set, int tensor, const std::vector<int64_t>& slices,
    const std::vector<std::vector<char>>& a_outputs) {
  ProblemContext& context = a_.context();
  const int group = group_of(context.task(), tensor);
  if (auto b_right = context.check_slices(set, group, slices); !b_right) {
    return blame(Side::b, b_right.error());
  }
  put_back(set, a_outputs);
  if (auto a_right = context.check_slices(set, group, slices); !a_right) {
    return blame(Side::a, a_right.error());
  }
  return {};  // both within the reference's bound: they may differ
}

tl::expected<void, PairFault> NativeLaunch::agree(const std::vector<int>& order) {
  constexpr size_t kMostSlices = 64;
  ProblemContext& context = a_.context();
  TensorRing& ring = context.ring();
  const int set = order[session_.random()() % order.size()];
  a_.refresh_mixed(order, session_.random()());
  if (auto ran = run_and_check(a_, Side::a, order, set); !ran) return ran;
  std::vector<std::vector<char>> a_outputs;
  std::vector<const void*> a_tensors = ring.working(set);
  for (size_t t = 0; t < ring.shapes().size(); ++t) {
    const bool output = context.task().tensors[t].io != Io::in;
    const auto* bytes = static_cast<const char*>(a_tensors[t]);
    a_outputs.emplace_back(bytes, output ? bytes + ring.shapes()[t].bytes() : bytes);
    if (output) a_tensors[t] = a_outputs.back().data();
  }
  for (const int it : order) b_kernel_->reset(0, it);
  if (auto ran = run_and_check(b_, Side::b, order, set); !ran) return ran;
  const std::vector<const void*> b_tensors = ring.working(set);
  for (size_t t = 0; t < ring.shapes().size(); ++t) {
    if (context.task().tensors[t].io == Io::in) continue;
    const int tensor = static_cast<int>(t);
    const auto slices = disagreeing_slices(context.task(), context.problem(set), ring.shapes(),
                                           tensor, a_tensors.data(), b_tensors.data(),
                                           context.allowance(tensor), kMostSlices);
    if (slices.empty()) continue;
    if (auto settled = settle(set, tensor, slices, a_outputs); !settled) return settled;
  }
  return {};
}

}  // namespace

tl::expected<Comparison, PairFault> duel(BenchSession& session, const Build& a, const Build& b,
                                         ProblemContext& problem, const PairingRule& rule) {
  auto load = [&](const Build& build) {
    const WorkerLimits limits = session.worker_limits(problem.problem().threads, build.kernel);
    return LoadedKernel::load(session.arena(), session.server(), build.image.path,
                              {{&problem, &build.timed}}, limits);
  };
  auto start = [&](int) -> tl::expected<std::unique_ptr<Launch<NativeDevice>>, PairFault> {
    problem.refill_constants(session.random()());
    auto first = load(a);
    if (!first) return blame(Side::a, first.error());
    auto second = load(b);
    if (!second) return blame(Side::b, second.error());
    return std::make_unique<NativeLaunch>(session, std::move(*first), std::move(*second));
  };
  return compare_paired<NativeDevice>(start, rule, session.random()());
}

}  // namespace kbench
