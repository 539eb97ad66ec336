#pragma once

#include "harness/environment.hpp"
#include "scripted.hpp"

namespace kbench {

// Campaigns over two kernels on a scripted device, in a folder of their own.
class CampaignFixture : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "kbench_campaign_XXXXXX";
    folder_ = mkdtemp(pattern.data());
    setup_.problem = {.task = "row_sum", .variant = "f32", .dims = {{"rows", 8}}, .fill = "normal"};
    setup_.kernels = {scripted::kernel("plain"), scripted::kernel("fast")};
    setup_.strategy = "random";
    setup_.seed = 7;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Store> open(const std::string& name = "a.db") {
    auto store = Store::open(folder_ + "/" + name, OpenMode::read_write);
    EXPECT_TRUE(store) << store.error().text();
    return std::move(*store);
  }
  CampaignResult run(scripted::Device& device, Store& store) {
    device.stop = &stop_;
    auto result = run_campaign(setup_, device, store, observer_, stop_, clock(device));
    EXPECT_TRUE(result) << result.error().text();
    return result ? *result : CampaignResult{};
  }
  static Clock clock(const scripted::Device& device) {
    return [&device] { return std::chrono::nanoseconds(device.now_ns); };
  }
  void give(const std::string& budget) {
    auto parsed = parse_budget(budget);
    ASSERT_TRUE(parsed) << parsed.error().text();
    setup_.budget = *parsed;
  }
  void search_on_smaller() {
    give("60evals");
    setup_.strategy = "halving";
    setup_.options = {{"smaller", "rows=2"}};
    setup_.smaller = setup_.problem;
    setup_.smaller->dims["rows"] = 2;
  }

  std::string folder_;
  CampaignSetup setup_;
  scripted::Silent observer_;
  std::atomic<bool> stop_ = false;
};

}  // namespace kbench
