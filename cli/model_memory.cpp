#include "cli/model_memory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/sources.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

std::string fence(const std::string& about, const std::string& source) {
  return about + ":\n```\n" + source + "```\n";
}

Result<void> from_files(const ModelOptions& options, const std::string& task,
                        std::vector<ForeignKernel>& foreign) {
  for (const std::string& path : options.from) {
    auto file = read_kernel_file(path);
    if (!file) return tl::unexpected(file.error());
    if (file->task != task) {
      return bad_input("it is a kernel of " + file->task + ", not of " + task, path);
    }
    foreign.push_back({file->name, file->languages.front(), file->source, ""});
  }
  return {};
}

// The best of each other language.
Result<void> from_store(const std::vector<LeaderboardRow>& rows, const Store& store,
                        const std::string& task, const std::string& language,
                        std::vector<ForeignKernel>& foreign) {
  for (const LeaderboardRow& row : rows) {
    const bool wanted = row.task == task && row.language != language && !row.is_anchor;
    const bool there = std::any_of(foreign.begin(), foreign.end(), [&](const auto& kernel) {
      return kernel.language == row.language;
    });
    if (!wanted || there) continue;
    auto found = store.evaluation(row.evaluation_id);
    if (!found) return tl::unexpected(found.error());
    foreign.push_back({row.kernel_name, row.language, (*found)->source,
                       format_time(row.median_ns) + " on " + row.device_model});
  }
  return {};
}

}  // namespace

Result<void> look_up(const Job& job, const ModelOptions& options, const std::string& tasks,
                     const Store& store, ModelCampaignSetup& setup) {
  auto rows = leaderboard(store, "", 3);
  if (!rows) return tl::unexpected(rows.error());
  std::stable_sort(rows->begin(), rows->end(), [](const auto& a, const auto& b) {
    return a.ratio_to_anchor < b.ratio_to_anchor;
  });
  std::vector<ForeignKernel>& foreign = setup.evolution.foreign;
  if (auto read = from_files(options, job.task.name, foreign); !read) return read;
  const std::string& language = setup.language;
  if (foreign.empty()) {
    auto looked = from_store(*rows, store, job.task.name, language, foreign);
    if (!looked) return looked;
  }
  const SearchKernel& anchor = job.setup.kernels.front();
  if (anchor.language != language) {  // not to be improved, but its mathematics can be taken over
    foreign.push_back({anchor.file.name, anchor.language, anchor.file.source, "right and slow"});
  }
  for (const LeaderboardRow& row : *rows) {
    if (row.task == job.task.name || row.language != language || row.is_anchor) continue;
    const auto task = find_task(tasks_folder(tasks), row.task);
    if (!task || task->category != job.task.category) continue;
    auto found = store.evaluation(row.evaluation_id);
    if (!found) return tl::unexpected(found.error());
    setup.similar = fence(fmt::format("{}, {:.1f} times as fast as the naive kernel", row.task,
                                      1 / row.ratio_to_anchor),
                          (*found)->source);
    break;
  }
  return {};
}

}  // namespace kbench
