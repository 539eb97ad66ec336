#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/process.hpp"

namespace kbench::cli_lab {

// A row sum of eight configurations, right and quick to compile.
inline const char* const kSum = R"(// kbench: task     row_sum
// kbench: language cpp
// kbench: dtype    f32
// kbench: param    LANES 1 4 *8 16
// kbench: flags    -O3 | -O2
// kbench: launch   sum(x, y, rows, cols)
#include <kbench.h>

void sum(const float* x, float* y, int rows, int cols) {
  for (int i = 0; i < rows; ++i, x += cols) {
    float lanes[LANES] = {};
    int j = 0;
    for (; j + LANES <= cols; j += LANES) {
      for (int l = 0; l < LANES; ++l) lanes[l] += x[j + l];
    }
    float total = 0;
    for (int l = 0; l < LANES; ++l) total += lanes[l];
    for (; j < cols; ++j) total += x[j];
    y[i] = total;
  }
}
)";

// The same with more configurations than a test could ever judge.
inline std::string endless_sum() {
  std::string text = kSum;
  for (const char* name : {"A", "B", "C"}) {
    text.insert(0, std::string("// kbench: param ") + name + " 0 1 2 3 4 5 6 7 8 9\n");
  }
  return text;
}

// The 1-based line on which `text` has `part`.
inline auto line_number(const std::string& text, const std::string& part) {
  return 1 + std::count(text.begin(), text.begin() + static_cast<long>(text.find(part)), '\n');
}

struct Ran {
  int code = -1;
  std::string out, err;
};

// A folder of its own in which the real program runs, with a cache that all tests share.
class Cli : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "kbench_cli_XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // `line` is for the shell: pipes and redirections are part of what is tested.
  Ran shell(const std::string& line) const {
    ProcessSpec spec;
    spec.arguments = {"bash", "-c", "cd " + folder_ + " && " + line};
    spec.environment = {"XDG_CACHE_HOME=" KBENCH_BINARY_DIR "/test_cache", "HOME=" + folder_};
    spec.limit = std::chrono::minutes(5);
    spec.output_limit_bytes = size_t{8} << 20;
    auto ran = run_process(spec);
    if (!ran) {
      ADD_FAILURE() << ran.error().text();
      return {};
    }
    return {ran->exit_code, ran->out, ran->err};
  }
  Ran kbench(const std::string& arguments) const {
    return shell(KBENCH_BINARY_DIR "/kbench " + arguments);
  }
  nlohmann::json json_of(const std::string& arguments) const {
    const Ran ran = kbench(arguments + " --json");
    auto json = nlohmann::json::parse(ran.out, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << arguments << " printed: " << ran.out << ran.err;
    return json;
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(folder_ + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder_;
};

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace kbench::cli_lab
