#include "cli/mcp_record.hpp"

#include "cli/sources.hpp"
#include "harness/environment.hpp"
#include "search/campaign_record.hpp"

namespace kbench {

namespace {

// What `kbench show ID --source` is written to, for the command of a row.
constexpr const char* kAgentFile = "agent.cpp";

std::string key_of(const Problem& problem) {
  return problem.task + " " + problem.canonical();
}

Result<CampaignRecord> campaign_for(const SourceJudge::Subject& subject, const std::string& tasks,
                                    const std::string& database) {
  const Candidate& anchor = subject.anchor;
  auto task = find_task(tasks_folder(tasks), subject.problem.task);
  if (!task) return tl::unexpected(task.error());
  auto file = parse_kernel_file(anchor.kernel_text, anchor.kernel_name);
  if (!file) return tl::unexpected(file.error());
  const Bindings dims(subject.problem.dims.begin(), subject.problem.dims.end());
  auto space = Space::build(*file, dims, device_bindings(this_cpu()));
  if (!space) return tl::unexpected(space.error());
  CampaignSetup setup;
  setup.problem = subject.problem;
  setup.kernels.push_back({std::move(*file), std::move(*space), anchor.language, anchor.compiler});
  setup.strategy = kAgentStrategy;
  setup.command = "kbench mcp --db " + shell_word(database);
  setup.environment_json = campaign_environment(task_hash(*task));
  return record_of(setup);
}

}  // namespace

bool McpRecord::wants_anchor(const Problem& problem) const {
  return !places_.contains(key_of(problem));
}

std::string McpRecord::command_for(const Candidate& candidate, const Problem& problem) const {
  return repeat_command(candidate, problem, tasks_);
}

Result<McpRecord::Place> McpRecord::begin(Store& store, const SourceJudge::Subject& subject,
                                          const Confirmation& anchor) const {
  const Evaluation& judged = anchor.evaluation;
  if (judged.outcome != Outcome::ok || judged.evidence != Evidence::confirmed) {
    return environment_error("the reference could not be confirmed: " + judged.message);
  }
  auto record = campaign_for(subject, tasks_, database_);
  if (!record) return tl::unexpected(record.error());
  auto campaign = store.begin_campaign(*record);
  if (!campaign) return tl::unexpected(campaign.error());
  Confirmation first = anchor;
  first.id = 0;
  auto stored =
      store.record(*campaign, subject.anchor, first, command_for(subject.anchor, subject.problem));
  if (!stored) return tl::unexpected(stored.error());
  return Place{*campaign, 1};
}

Result<int64_t> McpRecord::keep(const SourceJudge::Subject& subject,
                                const Confirmation& confirmation,
                                const std::optional<Confirmation>& anchor) {
  auto store = Store::open(database_, OpenMode::read_write);
  if (!store) return tl::unexpected(store.error());
  const std::string key = key_of(subject.problem);
  const auto known = places_.find(key);
  Place place = known != places_.end() ? known->second : Place{};
  int64_t id = 0;
  auto kept = (*store)->batch([&]() -> Result<void> {
    if (place.campaign == 0) {
      auto begun = begin(**store, subject, *anchor);
      if (!begun) return tl::unexpected(begun.error());
      place = *begun;
    }
    Confirmation numbered = confirmation;
    numbered.id = place.next++;
    Candidate candidate = subject.candidate;
    candidate.kernel_name = kAgentFile;
    auto stored = (*store)->record(place.campaign, candidate, numbered,
                                   command_for(candidate, subject.problem));
    if (!stored) return tl::unexpected(stored.error());
    id = *stored;
    // It can be added to, but there is nothing to resume.
    return (*store)->end_campaign(place.campaign, "done");
  });
  if (!kept) return tl::unexpected(kept.error());
  places_[key] = place;
  return id;
}

}  // namespace kbench
