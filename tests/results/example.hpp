#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "core/hash.hpp"
#include "results/store.hpp"

namespace kbench::example {

// A folder of the test's own, removed at its end.
class Folder {
 public:
  Folder() {
    std::string pattern = testing::TempDir() + "kbench_store_XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name = "kbench.db") const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::unique_ptr<Store> open(const std::string& path, OpenMode mode = OpenMode::read_write) {
  auto store = Store::open(path, mode);
  if (!store) throw std::runtime_error(store.error().text());
  return std::move(*store);
}

inline Problem problem(int64_t rows = 4096) {
  return {.task = "softmax",
          .variant = "f32",
          .dims = {{"cols", 1024}, {"rows", rows}},
          .fill = "normal",
          .cache = CacheMode::cold,
          .threads = 2};
}

inline Candidate candidate(int block = 64, const std::string& name = "online.cpp") {
  return {"// kbench: task softmax\nvoid softmax() {}  // " + name + "\n",
          name,
          {{"BLOCK", std::to_string(block)}, {"FLAGS", "-O3"}},
          "cpp",
          "g++"};
}

// A screened result of `median` ns.
inline Evaluation evaluation(const Candidate& of, double median = 1000, int64_t sequence = 0) {
  Evaluation it;
  it.id = sequence;
  it.outcome = Outcome::ok;
  it.evidence = Evidence::screened;
  it.kernel_hash = sha256(of.kernel_text);
  it.candidate_hash = sha256(of.kernel_text + canonical(of.params));
  it.build_hash = sha256(it.candidate_hash + "build");
  it.equivalent_hash = sha256(it.candidate_hash + "code");
  it.params = of.params;
  it.problem = problem();
  it.device = "cpu";
  it.device_model = "Example CPU 9000";
  it.compiler = "g++ 12.2.0";
  it.target = "x86-64 example";
  it.sandbox = "bwrap+seccomp+rlimits";
  it.timing = summarise({median * 0.98, median, median * 1.04, median * 0.99, median * 1.01});
  it.costs = {310.5, 12.25, 20.5, 18.125, 6.5};
  it.flops = 2.1e7;
  it.bytes = 3.3e7;
  it.roofline_share = 0.625;
  it.code_bytes = 2048;
  it.prepare_ns = 50;
  it.call_joules = 0.125;
  it.rms_error = 0.0625;
  it.workspace_bytes = 0;
  it.notes = {"load average 1.2"};
  it.seed = 0xfedcba9876543210;
  return it;
}

inline Evaluation failure(const Candidate& of, Outcome outcome, const std::string& rule,
                          int64_t sequence = 0) {
  Evaluation it = evaluation(of, 0, sequence);
  it.outcome = outcome;
  it.evidence = Evidence::compiled;
  it.rule = rule;
  it.message = "y[3] is 1.5, expected 1.25";
  it.timing = {};
  it.roofline_share = 0;
  it.log = "online.cpp:2: warning: unused variable\n";
  return it;
}

inline Comparison comparison(double ratio) {
  Comparison it;
  it.verdict = ratio < 0.995 ? Verdict::faster : Verdict::same;
  it.ratio = ratio;
  it.low = ratio * 0.99;
  it.high = ratio * 1.01;
  it.launches = 5;
  it.pairs = 3;
  it.a_ns = 1000 * ratio;
  it.b_ns = 1000;
  it.log_ratios = {-0.1, -0.2, -0.15};
  return it;
}

// Confirmed at `ratio` of the anchor's 1000 ns; without a ratio it is the anchor.
inline Confirmation confirmation(const Candidate& of, std::optional<double> ratio = {}) {
  Confirmation it;
  it.evaluation = evaluation(of, 1000 * ratio.value_or(1));
  it.evaluation.evidence = Evidence::confirmed;
  if (ratio) it.against_anchor = comparison(*ratio);
  it.shrinkage = 0.015625;
  it.held_out = {problem(17)};
  return it;
}

inline CampaignRecord campaign() {
  CampaignRecord it;
  it.task = "softmax";
  it.device = "cpu";
  it.strategy = "genetic";
  it.command = "kbench run softmax --budget 30s";
  it.options_json = R"({"budget":"30s"})";
  it.kernels_json = R"([{"name":"online.cpp"}])";
  it.problem = problem();
  it.seed = 7;
  it.environment_json = R"({"cpu":"Example CPU 9000","governor":"performance","kbench":"0.1.0",)"
                        R"("task_hash":"f00d"})";
  return it;
}

inline int64_t begin(Store& store) {
  const auto id = store.begin_campaign(campaign());
  EXPECT_TRUE(id) << id.error().text();
  return id.value_or(0);
}

}  // namespace kbench::example
