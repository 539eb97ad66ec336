#include <fmt/format.h>

#include "results/report.hpp"

namespace kbench {

namespace {

// RFC 4180.
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"') out += '"';
    out += letter;
  }
  return out + '"';
}

std::string render(const Report& report) {
  std::string out =
      "task,problem,device_model,threads,anchor,rank,kernel,params,language,compiler,"
      "ratio_to_anchor,ratio_low,ratio_high,median_ns,roofline_share,evaluation,recorded,"
      "command\r\n";
  for (const TaskReport& task : report.tasks) {
    for (const LeaderboardRow& row : task.leaderboard) {
      out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\r\n",
                         quoted(row.task), quoted(row.problem), quoted(row.device_model),
                         row.threads, quoted(row.anchor), row.rank, quoted(row.kernel_name),
                         quoted(row.params), quoted(row.language), quoted(row.compiler),
                         row.ratio_to_anchor, row.low, row.high, row.median_ns, row.roofline_share,
                         row.evaluation_id, row.when, quoted(row.command));
    }
  }
  return out;
}

const bool kRegistered =
    report_formats().add("csv", {"the leaderboards, one line a kernel, raw numbers", render});

}  // namespace

}  // namespace kbench
