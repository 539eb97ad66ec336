#include <fmt/format.h>

#include "cli/mcp_tools.hpp"
#include "cli/sources.hpp"
#include "results/report.hpp"

namespace kbench {

using nlohmann::json;

namespace {

constexpr int kMostKernels = 5;

const json kName = {{"type", "string"}, {"maxLength", 200}};

constexpr const char* kContract =
    "A kernel file is one text: header lines, then C++20. "
    "'// kbench: task NAME', '// kbench: language cpp', '// kbench: dtype f32' as in the naive "
    "kernel. '// kbench: launch function(arguments)' says what is called: tensors, dims, scalars, "
    "buffers; an input is const T*, a dim is int. '// kbench: param NAME 64 *128 256' declares a "
    "tuning param, * is the default, the compiler gets -DNAME=value. '// kbench: flags -O3 | -O3 "
    "-ffast-math' are sets of compiler options; '// kbench: require EXPRESSION' restricts params; "
    "'// kbench: buffer name f32[extent]' is workspace. '#include <kbench.h>' gives f16, bf16 and "
    "fixed-width integers. The kernel must be right for every legal shape, tails and empty ones "
    "included. It may use no files, clocks or threads beyond the problem's, and computes its "
    "answer in every call.";

Result<json> list_tasks(McpBench& bench, const json& arguments, const McpProgress&) {
  const std::string category = arguments.value("category", "");
  json tasks = json::array();
  for (const auto& [name, task] : load_tasks(tasks_folder(bench.judge.tasks()))) {
    if (!task || (!category.empty() && task->category != category)) continue;
    tasks.push_back({{"name", name}, {"category", task->category}, {"about", task->about}});
  }
  return json{{"tasks", tasks}};
}

Result<json> describe_task(McpBench& bench, const json& arguments, const McpProgress&) {
  auto task = find_task(tasks_folder(bench.judge.tasks()), arguments.at("task").get<std::string>());
  if (!task) return tl::unexpected(task.error());
  auto texts = [](const std::vector<Problem>& problems) {
    std::vector<std::string> list;
    for (const Problem& problem : problems) list.push_back(problem.canonical());
    return list;
  };
  json tensors = json::array();
  for (const TensorSpec& tensor : task->tensors) {
    std::vector<std::string> shape;
    for (const Expr& extent : tensor.shape) shape.push_back(extent.text());
    tensors.push_back({{"name", tensor.name},
                       {"io", tensor.io == Io::in    ? "in"
                              : tensor.io == Io::out ? "out"
                                                     : "inout"},
                       {"constant", tensor.constant},
                       {"shape", shape}});
  }
  std::vector<std::string> variants;
  for (const Variant& variant : task->variants) variants.push_back(variant.name);
  return json{{"name", task->name},
              {"category", task->category},
              {"about", task->about},
              {"formula", task->formula},
              {"source", task->source},
              {"dims", task->dims},
              {"tensors", tensors},
              {"variants", variants},
              {"problems", texts(task->tune)},
              {"bench", texts(task->bench)},
              {"kernel_file", kContract},
              {"naive_kernel", naive_kernel(*task, task->variants.front())}};
}

Result<json> best_kernels(McpBench& bench, const json& arguments, const McpProgress&) {
  auto store = Store::open(bench.database, OpenMode::read_only);
  if (!store) return tl::unexpected(store.error());
  const std::string task = arguments.at("task");
  if (auto known = check_task(task, **store); !known) return tl::unexpected(known.error());
  auto rows = leaderboard(**store, task, kMostKernels);
  if (!rows) return tl::unexpected(rows.error());
  json kernels = json::array();
  for (const LeaderboardRow& row : *rows) {
    auto stored = (*store)->evaluation(row.evaluation_id);
    if (!stored) return tl::unexpected(stored.error());
    kernels.push_back({{"problem", row.problem},
                       {"device", row.device_model},
                       {"rank", row.rank},
                       {"kernel", row.kernel_name},
                       {"params", row.params},
                       {"speedup", 1 / row.ratio_to_anchor},
                       {"low", 1 / row.high},
                       {"high", 1 / row.low},
                       {"median_ns", row.median_ns},
                       {"anchor", row.anchor},
                       {"when", row.when}});
    // The best one's text; the others' would fill a model's memory.
    if (row.rank == 1 && *stored) kernels.back()["source"] = (*stored)->source;
  }
  return json{{"kernels", kernels}};
}

// What an agent had confirmed: no asks of a search.
struct Kept {
  size_t count = 0;
  std::optional<int64_t> best;  // the fastest
};
Result<Kept> kept_in(const Store& store, int64_t campaign) {
  Kept kept;
  double best_ns = 0;
  auto read = store.for_each(
      [&](const StoredEvaluation& row) {
        ++kept.count;
        const double ns = row.evaluation.timing.median_ns;
        if (!kept.best || ns < best_ns) {
          kept.best = row.id;
          best_ns = ns;
        }
        return true;
      },
      Selection{.campaign = campaign, .evidence = Evidence::confirmed});
  if (!read) return tl::unexpected(read.error());
  return kept;
}

Result<Kept> asked_in(const Store& store, int64_t campaign) {
  auto asks = store.asks(campaign);
  if (!asks) return tl::unexpected(asks.error());
  auto best = store.best_screened(campaign);
  if (!best) return tl::unexpected(best.error());
  return Kept{asks->size(), *best};
}

Result<json> campaign_status(McpBench& bench, const json& arguments, const McpProgress&) {
  auto store = Store::open(bench.database, OpenMode::read_only);
  if (!store) return tl::unexpected(store.error());
  auto records = (*store)->campaigns();
  if (!records) return tl::unexpected(records.error());
  const int64_t only = arguments.value("campaign", int64_t{0});
  json campaigns = json::array();
  for (const CampaignRecord& record : *records) {
    if (only != 0 && record.id != only) continue;
    auto judged = record.strategy == kAgentStrategy ? kept_in(**store, record.id)
                                                    : asked_in(**store, record.id);
    if (!judged) return tl::unexpected(judged.error());
    json campaign = {{"id", record.id},
                     {"task", record.task},
                     {"problem", record.problem.canonical()},
                     {"strategy", record.strategy},
                     {"state", record.state},
                     {"started", record.started},
                     {"evaluations", judged->count}};
    if (judged->best) {
      auto row = (*store)->evaluation(*judged->best);
      if (!row) return tl::unexpected(row.error());
      campaign["best"] = {{"kernel", (*row)->kernel_name},
                          {"params", canonical((*row)->evaluation.params)},
                          {"median_ns", (*row)->evaluation.timing.median_ns}};
    }
    campaigns.push_back(std::move(campaign));
  }
  if (only != 0 && campaigns.empty()) return bad_input(fmt::format("no campaign {}", only));
  return json{{"campaigns", campaigns}};
}

}  // namespace

std::vector<McpTool> mcp_reading_tools() {
  return {
      {"list_tasks", "List tasks",
       "The operators that kernels can be written for, with a line about each.",
       tool_schema({{"category", kName}}, {}), list_tasks},
      {"describe_task", "Describe a task",
       "A task's mathematics, tensors and problems, the rules for kernel files, and its naive "
       "kernel to start from.",
       tool_schema({{"task", kName}}, {"task"}), describe_task},
      {"best_kernels", "Best known kernels",
       "The confirmed kernels of a task in the database, ranked by their speed-up over the "
       "anchor, with the source of the best of each problem.",
       tool_schema({{"task", kName}}, {"task"}), best_kernels},
      {"campaign_status", "Campaigns",
       "What searches ran or run, how many kernels they judged, and their best so far.",
       tool_schema(
           {{"campaign", {{"type", "integer"}, {"minimum", 1}, {"maximum", 1'000'000'000}}}}, {}),
       campaign_status},
  };
}

}  // namespace kbench
