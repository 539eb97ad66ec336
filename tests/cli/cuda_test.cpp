#include "backends/rtc_server.hpp"
#include "cli_lab.hpp"

namespace kbench {
namespace {

using cli_lab::Cli;
using cli_lab::lines_of;
using cli_lab::Ran;
using nlohmann::json;
using testing::HasSubstr;

// The driver is the scripted one of tests/backends, which knows gelu; kernels are compiled for
// real.
class CudaCli : public Cli {
 protected:
  void SetUp() override {
    Cli::SetUp();
    if (!find_rtc_library("cuda")) GTEST_SKIP() << "no NVRTC here: scripts/setup.sh --cuda";
  }
  Ran on_gpu(const std::string& arguments, const std::string& place = "test-cli") const {
    return shell("CUDA_VISIBLE_DEVICES=" + place +
                 " KBENCH_CUDA=" KBENCH_SCRIPTED_CUDA " " KBENCH_BINARY_DIR "/kbench " + arguments);
  }
};

TEST_F(CudaCli, ACampaignTunesTheStartingKernelsOnTheDevice) {
  const Ran ran = on_gpu("run gelu --device cuda:0 --problem n=4096 --budget 4evals --json");
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  std::vector<json> events;
  for (const std::string& line : lines_of(ran.out)) events.push_back(json::parse(line));
  EXPECT_EQ(events.front().at("kernels"), json({"activation/gelu/elementwise.cu"}));
  const int64_t best = events.back().at("best").at("evaluation_id");
  const Ran shown = on_gpu("show " + std::to_string(best) + " --json");
  const json line = json::parse(shown.out);
  EXPECT_THAT(line.at("command"), HasSubstr("--device cuda:0"));
  EXPECT_EQ(line.at("evaluation").at("device_model"), "Scripted GPU");
}

TEST_F(CudaCli, WhereTheDriverHasNoGraphsBatchesAreLaunchedOneByOne) {
  const Ran ran = on_gpu("eval activation/gelu/elementwise.cu --device cuda:0 --json",
                         "test-cli-without-graphs");
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("from a graph")));
}

TEST_F(CudaCli, WithoutADriverTheErrorSaysWhatWorksInstead) {
  const Ran ran = shell("KBENCH_CUDA=/nowhere " KBENCH_BINARY_DIR
                        "/kbench eval activation/gelu/elementwise.cu --device cuda:0");
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("there is no GPU to run on"));
  EXPECT_THAT(ran.err, HasSubstr("cuda:sm_90 compiles without one"));
}

}  // namespace
}  // namespace kbench
