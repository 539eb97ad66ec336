// The store's hot paths on files of realistic rows: --benchmark_filter=Leaderboard builds a
// million.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/hash.hpp"
#include "results/store.hpp"

namespace {

using namespace kbench;  // NOLINT: a program of its own

constexpr const char* kTaskHash = "f00d";
constexpr int kConfigurations = 5000;  // of one kernel
constexpr int kConfirmedEvery = 50;

void must(bool ok, const std::string& what) {
  if (ok) return;
  fmt::print(stderr, "store_bench: {}\n", what);
  std::abort();
}
template <class T>
T must(Result<T> result) {
  must(result.has_value(), result ? std::string() : result.error().text());
  return std::move(*result);
}

// The stream of results that campaigns over kernels and problems produce.
class Stream {
 public:
  struct Item {
    Candidate candidate;
    Evaluation evaluation;
    std::string command;
  };
  Item next() {
    const int64_t configuration = at_ % kConfigurations;
    const int64_t kernel = at_ / kConfigurations;
    Item item;
    item.candidate = {source_ + std::to_string(kernel),
                      fmt::format("kernel{}.cpp", kernel),
                      {{"TILE_M", std::to_string(configuration / 100)},
                       {"TILE_N", std::to_string(configuration % 100)},
                       {"FLAGS", "-O3 -march=native"}},
                      "cpp",
                      "g++"};
    Evaluation& it = item.evaluation;
    it.id = at_;
    it.outcome = at_ % 10 == 0 ? Outcome::compile_error : Outcome::ok;
    it.evidence = at_ % 10 == 0 ? Evidence::none : Evidence::screened;
    if (kernel != kernel_) {
      kernel_ = kernel;
      kernel_hash_ = sha256(item.candidate.kernel_text);
    }
    it.kernel_hash = kernel_hash_;
    it.candidate_hash = it.build_hash = it.equivalent_hash = sha256(std::to_string(at_));
    it.params = item.candidate.params;
    it.problem = {.task = fmt::format("task{}", kernel % 20),
                  .variant = "f32",
                  .dims = {{"m", 1024}, {"n", 1024 + kernel % 7}},
                  .fill = "normal"};
    it.device = "cpu";
    it.device_model = "Example CPU 9000";
    it.compiler = "g++ 12.2.0";
    it.target = "x86-64 example";
    it.sandbox = "bwrap+seccomp+rlimits";
    std::vector<double> samples;
    for (int i = 0; i < 12; ++i) samples.push_back(1e5 + static_cast<double>((at_ * 7 + i) % 997));
    it.timing = summarise(std::move(samples));
    it.costs = {310.5, 12.25, 20.5, 18.125, 6.5};
    it.roofline_share = 0.61803398874;
    item.command =
        fmt::format("kbench eval kernel{}.cpp --problem m=1024 --param TILE_M=8", kernel);
    ++at_;
    return item;
  }

 private:
  std::string source_ = std::string(3000, 'x');
  int64_t at_ = 0, kernel_ = -1;
  std::string kernel_hash_;
};

class File {
 public:
  File() {
    std::string pattern = (std::filesystem::temp_directory_path() / "store_bench_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    store_ = must(Store::open(folder_ + "/kbench.db", OpenMode::read_write));
    CampaignRecord record;
    record.task = record.problem.task = "task0";
    record.environment_json = fmt::format(R"({{"task_hash":"{}"}})", kTaskHash);
    campaign_ = must(store_->begin_campaign(record));
  }
  ~File() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  Store& store() { return *store_; }
  void put(const Stream::Item& item) {
    must(store_->record(campaign_, item.evaluation.id, item.candidate, item.evaluation,
                        item.command));
  }
  void confirm(Stream::Item item, bool anchor) {
    Confirmation confirmation;
    confirmation.evaluation = item.evaluation;
    confirmation.evaluation.outcome = Outcome::ok;
    confirmation.evaluation.evidence = Evidence::confirmed;
    if (!anchor) {
      Comparison& against = confirmation.against_anchor.emplace();
      against.ratio = 0.5 + static_cast<double>(item.evaluation.id % 1009) / 1009;
      against.log_ratios.assign(40, -0.1);
    }
    must(store_->record(campaign_, item.candidate, confirmation, item.command));
  }
  void fill(int64_t count) {
    Stream stream;
    for (int64_t done = 0; done < count;) {
      const bool ok = store_
                          ->batch([&]() -> Result<void> {
                            for (int i = 0; i < 1000 && done < count; ++i, ++done) {
                              const Stream::Item item = stream.next();
                              put(item);
                              if (done % kConfirmedEvery == 0) confirm(item, done == 0);
                            }
                            return {};
                          })
                          .has_value();
      must(ok, "a batch failed");
    }
  }
  double bytes() const {
    double sum = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      sum += static_cast<double>(entry.file_size());
    }
    return sum;
  }

 private:
  std::string folder_;
  std::unique_ptr<Store> store_;
  int64_t campaign_ = 0;
};

// MB of this process's memory, the libraries' included.
double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  statm >> pages >> pages;
  return pages * 4096 / 1e6;
}

void Ingest(benchmark::State& state) {
  File file;
  Stream stream;
  const int64_t batch = state.range(0);
  for (auto _ : state) {
    state.PauseTiming();  // what the judge does is not the store's time
    std::vector<Stream::Item> items;
    for (int i = 0; i < 1000; ++i) items.push_back(stream.next());
    state.ResumeTiming();
    for (int64_t from = 0; from < 1000; from += batch) {
      const auto body = [&]() -> Result<void> {
        for (int64_t i = from; i < from + batch; ++i) file.put(items[static_cast<size_t>(i)]);
        return {};
      };
      must(batch == 1 ? body().has_value() : file.store().batch(body).has_value(), "not stored");
    }
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(Ingest)->Arg(1)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond)->UseRealTime();

File& million() {
  static File file;
  static const bool filled = (file.fill(1'000'000), true);
  static_cast<void>(filled);
  return file;
}

void Leaderboard(benchmark::State& state) {
  File& file = million();
  size_t rows = 0;
  for (auto _ : state) rows = must(leaderboard(file.store())).size();
  state.counters["rows"] = static_cast<double>(rows);
  state.counters["file_MB"] = file.bytes() / 1e6;
  state.counters["resident_MB"] = resident_mb();
}
BENCHMARK(Leaderboard)->Unit(benchmark::kMillisecond);

void LookUpById(benchmark::State& state) {
  File& file = million();
  int64_t id = 1;
  for (auto _ : state) {
    id = id * 48271 % 1'000'003;
    benchmark::DoNotOptimize(must(file.store().evaluation(id)));
  }
}
BENCHMARK(LookUpById)->Unit(benchmark::kMicrosecond);

void FindByCandidate(benchmark::State& state) {
  File& file = million();
  Stream stream;
  std::vector<Evaluation> known;
  for (int i = 0; i < 1000; ++i) known.push_back(stream.next().evaluation);
  size_t at = 0;
  for (auto _ : state) {
    const Evaluation& it = known[at++ % known.size()];
    const auto found = must(file.store().find(
        it.candidate_hash, it.problem, {it.device_model, "1", it.compiler, it.target, kTaskHash}));
    must(found.has_value(), "not found");
  }
}
BENCHMARK(FindByCandidate)->Unit(benchmark::kMicrosecond);

// What a coordinator that stored 100,000 evaluations holds.
void Memory(benchmark::State& state) {
  for (auto _ : state) {
    File file;
    file.fill(100'000);
    state.counters["resident_MB"] = resident_mb();
    state.counters["file_MB"] = file.bytes() / 1e6;
  }
}
BENCHMARK(Memory)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
