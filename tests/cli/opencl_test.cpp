#include "../search/scripted_endpoint.hpp"
#include "cli_lab.hpp"

namespace kbench {
namespace {

using cli_lab::Cli;
using cli_lab::lines_of;
using cli_lab::Ran;
using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kSum = R"(// kbench: task     row_sum
// kbench: language opencl
// kbench: dtype    f32
// kbench: param    BLOCK 16 *64
// kbench: flags    -cl-std=CL1.2 | -cl-fast-relaxed-math
// kbench: launch   sum<<<rows, BLOCK>>>(x, y, cols, local(BLOCK * 4))
#include <kbench.h>

__kernel void sum(__global const float* x, __global float* y, int cols, __local float* part) {
  const int me = get_local_id(0);
  float mine = 0;
  for (int i = me; i < cols; i += BLOCK) mine += x[get_group_id(0) * cols + i];
  part[me] = mine;
  barrier(CLK_LOCAL_MEM_FENCE);
  if (me > 0) return;
  for (int i = 1; i < BLOCK; ++i) mine += part[i];
  y[get_group_id(0)] = mine;
}
)";

class OpenclCli : public Cli {
 protected:
  void SetUp() override {
    Cli::SetUp();
    write("sum.cl", kSum);
    const Ran listed = shell(KBENCH_BINARY_DIR "/kbench-opencl list 1");
    if (!json::parse(listed.out, nullptr, false).contains("devices")) {
      GTEST_SKIP() << "no OpenCL here: " << listed.out;
    }
  }
};

TEST_F(OpenclCli, ACampaignTunesParamsAndFlagsAgainstTheReference) {
  const Ran ran =
      kbench("run sum.cl --device opencl --problem rows=64,cols=512 --budget 5evals --json");
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  std::vector<json> events;
  for (const std::string& line : lines_of(ran.out)) events.push_back(json::parse(line));
  EXPECT_EQ(events.front().at("kernels"), json({"naive", "sum.cl"}));
  const int64_t best = events.back().at("best").at("evaluation_id");
  const json shown = json_of("show " + std::to_string(best));
  EXPECT_THAT(shown.at("command"), HasSubstr("--device opencl"));
  EXPECT_EQ(shown.at("evaluation").at("device"), "opencl");
  const Ran again =
      shell("export PATH=" KBENCH_BINARY_DIR ":$PATH; " + shown.at("command").get<std::string>());
  EXPECT_EQ(again.code, 0) << again.out << again.err;
}

TEST_F(OpenclCli, ModelsAreAskedForOpenclKernelsForThisDevice) {
  scripted::EndpointServer server(
      {scripted::says("```cl\n" + std::string(kSum) + "```\n"), scripted::says("no idea")});
  const Ran ran = kbench(
      "run row_sum --device opencl --problem rows=64,cols=512 --json --free --in-flight 1 "
      "--share 2 --budget 2proposals --operators write:1,improve:1 --model openai:m@" +
      server.url());
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  const auto bodies = server.bodies();
  ASSERT_EQ(bodies.size(), 2u);
  const std::string prompt = bodies[0].at("messages")[1].at("content");
  EXPECT_THAT(prompt, HasSubstr("then OpenCL C"));
  EXPECT_THAT(prompt, HasSubstr("device opencl: "));
  EXPECT_THAT(prompt, HasSubstr("THREADS_MAX"));
  EXPECT_THAT(prompt, HasSubstr("A work-group runs on one core")) << "its notes";
  EXPECT_THAT(bodies[0].at("messages")[0].at("content").get<std::string>(),
              HasSubstr("OpenCL C for one device"));
  bool judged = false;
  for (const std::string& line : lines_of(ran.out)) {
    const json event = json::parse(line);
    if (event.at("event") != "evaluation" || event.at("kernel") != "proposal-0.cl") continue;
    judged = true;
    EXPECT_EQ(event.at("evaluation").at("outcome"), "ok") << event.dump();
  }
  EXPECT_TRUE(judged) << ran.out;
}

TEST_F(OpenclCli, KernelsOfBothLanguagesAreComparedOnTheSameMemory) {
  write("sum.cpp", cli_lab::kSum);
  const json line = json_of("compare sum.cl sum.cpp --device opencl --problem rows=64,cols=512");
  EXPECT_EQ(line.at("a").at("kernel"), "sum.cl");
  EXPECT_GT(line.at("comparison").at("pairs"), 0);
}

TEST_F(OpenclCli, ASearchOnADeviceWithoutTimesIsRefused) {
  const Ran ran = kbench("run sum.cl --device emulated --budget 2evals");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("a search needs times"));
}

}  // namespace
}  // namespace kbench
