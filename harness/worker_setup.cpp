#include <cstring>

#include "harness/opencl_types.hpp"
#include "harness/worker_layout.hpp"

namespace kbench {

namespace {

// Records behind a header; arrays by their offset from the header's start.
class SetupWriter {
 public:
  SetupWriter() : bytes_(sizeof(Setup)) {}

  template <class Record>
  Array add(const std::vector<Record>& records) {
    bytes_.resize((bytes_.size() + 63) / 64 * 64);
    const Array array{bytes_.size(), records.size()};
    const auto* begin = reinterpret_cast<const char*>(records.data());
    bytes_.insert(bytes_.end(), begin, begin + records.size() * sizeof(Record));
    return array;
  }
  std::vector<char> finish(const Setup& setup) {
    std::memcpy(bytes_.data(), &setup, sizeof setup);
    return std::move(bytes_);
  }

 private:
  std::vector<char> bytes_;
};

Setup common_setup(const WorkerLayout& layout, const WorkerLimits& limits, SetupWriter& writer) {
  Setup setup;
  setup.threads = limits.threads;
  setup.any_library = limits.any_library ? 1 : 0;
  setup.emulated = limits.emulated ? 1 : 0;
  setup.opencl = limits.opencl ? 1 : 0;
  setup.hip = limits.gpu_language == "hip" ? 1 : 0;
  setup.gpu = limits.gpu;
  setup.clock = limits.clock || limits.threads > 1 ? 1 : 0;
  setup.address_space_bytes = limits.address_space_bytes;
  setup.base = layout.base();
  setup.bytes = layout.bytes();
  setup.cpus = writer.add(std::vector<int32_t>(limits.cpus.begin(), limits.cpus.end()));
  setup.regions = writer.add(layout.regions());
  return setup;
}

// Arguments by kind, as the stub takes them: pointers differ from set to set, numbers do not.
struct KernelArrays {
  std::vector<SetupCall> calls, prepare;
  std::vector<SetupRange> zeroed, touched;
  std::vector<uint64_t> pointers;
  std::vector<int64_t> integers;
  std::vector<double> reals;
};

// Where the numbers of a plan's calls begin.
struct PlanNumbers {
  std::vector<SetupCall> calls, prepare;
};

SetupCall add_numbers(const PlannedCall& call, KernelArrays& arrays) {
  SetupCall made{static_cast<uint32_t>(call.stub), 0, arrays.integers.size(), arrays.reals.size()};
  for (const PlannedArgument& argument : call.arguments) {
    switch (argument.kind) {
      case Argument::Kind::pointer:
        break;
      case Argument::Kind::integer32:
      case Argument::Kind::integer64:
      case Argument::Kind::local_bytes:
        arrays.integers.push_back(argument.integer);
        break;
      case Argument::Kind::scalar:
        // cpp_tail takes what the compiler calls int64_t from the integers.
        if (argument.scalar_dtype == DType::i64) {
          arrays.integers.push_back(static_cast<int64_t>(argument.real));
          break;
        }
        [[fallthrough]];
      case Argument::Kind::float32:
      case Argument::Kind::float64:
        arrays.reals.push_back(argument.real);
    }
  }
  // How many threads run it, for kernels that are launched on a grid; others do not look.
  for (const auto* extents : {&call.grid, &call.block}) {
    arrays.integers.insert(arrays.integers.end(), std::begin(*extents), std::end(*extents));
  }
  arrays.integers.push_back(call.shared_bytes);
  arrays.integers.push_back(call.cooperative ? 1 : 0);
  arrays.integers.insert(arrays.integers.end(), std::begin(call.cluster), std::end(call.cluster));
  return made;
}

// The calls of one set; addresses[tensor] are the set's.
Array add_calls(const std::vector<PlannedCall>& planned, const std::vector<SetupCall>& numbers,
                const std::vector<uint64_t>& addresses, KernelArrays& arrays,
                std::vector<SetupCall>& to) {
  const Array array{to.size(), planned.size()};
  for (size_t i = 0; i < planned.size(); ++i) {
    SetupCall call = numbers[i];
    call.pointers = arrays.pointers.size();
    for (const PlannedArgument& argument : planned[i].arguments) {
      if (argument.kind != Argument::Kind::pointer) continue;
      arrays.pointers.push_back(addresses[static_cast<size_t>(argument.tensor)]);
    }
    to.push_back(call);
  }
  return array;
}

}  // namespace

std::vector<char> kernel_setup(const std::vector<LaunchPlan>& plans, const WorkerMemory& memory,
                               const WorkerLayout& layout, const WorkerLimits& limits) {
  SetupWriter writer;
  Setup setup = common_setup(layout, limits, writer);
  KernelArrays arrays;
  std::vector<PlanNumbers> numbers;
  for (const LaunchPlan& plan : plans) {
    PlanNumbers& made = numbers.emplace_back();
    for (const PlannedCall& call : plan.calls) made.calls.push_back(add_numbers(call, arrays));
    for (const PlannedCall& call : plan.prepare) made.prepare.push_back(add_numbers(call, arrays));
    setup.stubs = std::max<uint64_t>(setup.stubs, plan.stubs.size());
  }
  std::vector<SetupSet> sets;
  for (size_t s = 0; s < memory.regions.size(); ++s) {
    const auto which = static_cast<size_t>(memory.plan_of_set[s]);
    const LaunchPlan& plan = plans[which];
    std::vector<uint64_t> addresses;
    SetupSet set;
    set.cold = s < memory.cold.size() && memory.cold[s] ? 1 : 0;
    set.touched.offset = arrays.touched.size();
    for (const Region& region : memory.regions[s]) {
      addresses.push_back(layout.address_of(region));
      if (region.bytes > 0) arrays.touched.push_back({addresses.back(), region.bytes});
    }
    set.touched.count = arrays.touched.size() - set.touched.offset;
    set.zeroed = {arrays.zeroed.size(), plan.zeroed.size()};
    for (const int tensor : plan.zeroed) {
      const auto t = static_cast<size_t>(tensor);
      arrays.zeroed.push_back({addresses[t], memory.regions[s][t].bytes});
    }
    set.calls = add_calls(plan.calls, numbers[which].calls, addresses, arrays, arrays.calls);
    set.prepare =
        add_calls(plan.prepare, numbers[which].prepare, addresses, arrays, arrays.prepare);
    sets.push_back(set);
  }
  setup.sets = writer.add(sets);
  setup.calls = writer.add(arrays.calls);
  setup.prepare = writer.add(arrays.prepare);
  setup.zeroed = writer.add(arrays.zeroed);
  setup.touched = writer.add(arrays.touched);
  setup.pointers = writer.add(arrays.pointers);
  setup.integers = writer.add(arrays.integers);
  setup.reals = writer.add(arrays.reals);
  std::vector<char> entries;
  for (const Stub& stub : plans.front().stubs) {
    for (const std::string& text : {stub.function, opencl_letters(stub)}) {
      entries.insert(entries.end(), text.c_str(), text.c_str() + text.size() + 1);
    }
  }
  setup.entries = writer.add(entries);
  return writer.finish(setup);
}

std::vector<char> reference_setup(const WorkerServer::ReferenceMemory& memory,
                                  const WorkerLayout& layout, const WorkerLimits& limits) {
  SetupWriter writer;
  Setup setup = common_setup(layout, limits, writer);
  setup.is_reference = 1;
  setup.tensors = memory.value_offsets.size();
  std::vector<uint64_t> pointers;
  for (const std::vector<Region>& set : memory.sets.regions) {
    for (size_t t = 0; t < setup.tensors; ++t) {
      pointers.push_back(t < set.size() ? layout.address_of(set[t]) : 0);
    }
  }
  for (const auto* offsets : {&memory.value_offsets, &memory.scale_offsets}) {
    for (const size_t offset : *offsets) {
      pointers.push_back(offset == SIZE_MAX ? 0 : layout.expected_address() + offset);
    }
  }
  setup.sets.count = memory.sets.regions.size();
  setup.pointers = writer.add(pointers);
  setup.dims = writer.add(memory.dims);
  setup.scalars = writer.add(memory.scalars);
  return writer.finish(setup);
}

}  // namespace kbench
