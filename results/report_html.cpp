#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "results/curve_svg.hpp"
#include "results/report.hpp"
#include "results/report_style.hpp"

namespace kbench {

namespace {

std::string percent(double share) {
  return fmt::format("{:.2f}%", 100 * std::clamp(share, 0.0, 1.0));
}

std::string plural(int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// "2026-01-31 12:34 UTC" from ISO 8601.
std::string date(const std::string& iso) {
  if (iso.size() < 16) return escape(iso);
  return escape(iso.substr(0, 10) + " " + iso.substr(11, 5) + " UTC");
}

void tile(std::string& out, const std::string& value, const std::string& label) {
  out += fmt::format(R"(<div class="tile"><b>{}</b><span class="soft small">{}</span></div>)",
                     value, label);
}

void header(std::string& out, const Report& report) {
  int64_t evaluations = 0;
  int64_t passed = 0;
  const LeaderboardRow* best = nullptr;
  for (const TaskReport& task : report.tasks) {
    for (const OutcomeCount& count : task.outcomes) {
      evaluations += count.count;
      if (count.outcome == Outcome::ok) passed += count.count;
    }
    for (const LeaderboardRow& row : task.leaderboard) {
      if (row.high >= 1) continue;  // not proved faster
      if (best == nullptr || row.ratio_to_anchor < best->ratio_to_anchor) best = &row;
    }
  }
  out += fmt::format(
      R"(<header><h1>kbench report</h1><div class="soft small">{} &middot; kbench {}</div>)",
      date(report.when), escape(report.version));
  out += R"(<div class="tiles">)";
  tile(out, std::to_string(report.tasks.size()), report.tasks.size() == 1 ? "task" : "tasks");
  tile(out, std::to_string(evaluations), "evaluations");
  if (evaluations > 0) {
    tile(out,
         fmt::format("{:.0f} %",
                     100.0 * static_cast<double>(passed) / static_cast<double>(evaluations)),
         "ran and were right");
  }
  if (best != nullptr) {
    tile(out, fmt::format("{:.2f}&times;", speedup_of(*best).value),
         "largest speedup, " + escape(best->task));
  }
  out += "</div><nav>";
  for (const TaskReport& task : report.tasks) {
    out += fmt::format(R"(<a href="#{0}">{0}</a>)", escape(task.task));
  }
  out += "</nav></header>";
}

// `scale` is the speedup at the right end of the bar.
std::string speedup_cell(const LeaderboardRow& row, double scale) {
  const Speedup speedup = speedup_of(row);
  return fmt::format(
      R"(<td class="speed"><b>{:.2f}&times;</b> <span class="soft small">{:.2f} to {:.2f}</span>)"
      R"(<div class="bar" style="--v:{};--lo:{};--hi:{};--one:{}"><i></i><u></u><s></s></div></td>)",
      speedup.value, speedup.low, speedup.high, percent(speedup.value / scale),
      percent(speedup.low / scale), percent(speedup.high / scale), percent(1 / scale));
}

std::string roofline_cell(const LeaderboardRow& row) {
  if (row.roofline_share <= 0) return R"(<td class="roof soft">unknown</td>)";
  return fmt::format(
      R"(<td class="roof">{:.0f} % <span class="soft small narrow">of the roofline</span>)"
      R"(<div class="bar" style="--v:{}"><i></i></div></td>)",
      row.roofline_share * 100, percent(row.roofline_share));
}

void ranking_row(std::string& out, const LeaderboardRow& row, double scale) {
  const bool anchor = row.ratio_to_anchor == 1 && row.low == 1 && row.high == 1;
  out += fmt::format(R"(<tr class="{}{}"><td class="rank">{}</td>)", row.rank == 1 ? "first " : "",
                     anchor ? "anchor" : "", row.rank);
  out += fmt::format(R"(<td><span class="kernel">{}</span>{}<code class="params">{}</code>)",
                     escape(row.kernel_name), anchor ? R"( <span class="chip">anchor</span>)" : "",
                     escape(row.params));
  out += fmt::format(
      R"(<details><summary>repeat evaluation {} ({}, {})</summary><code>{}</code></details></td>)",
      row.evaluation_id, escape(row.compiler), date(row.when), escape(row.command));
  out += speedup_cell(row, scale);
  out += fmt::format(R"(<td class="n time">{}</td>)", format_time(row.median_ns));
  out += roofline_cell(row) + "</tr>";
}

void ranking(std::string& out, const std::vector<LeaderboardRow>& rows) {
  const LeaderboardRow& first = rows.front();
  // A wide interval may leave the bar, so that the others can still be seen.
  double scale = 1;
  for (const LeaderboardRow& row : rows) {
    const Speedup speedup = speedup_of(row);
    scale = std::max(scale, std::min(speedup.high, 1.5 * speedup.value));
  }
  out += fmt::format(R"(<div class="card"><h3>{}, {}</h3><div class="chips">)",
                     escape(first.device_model), plural(first.threads, "thread"));
  for (const std::string& field : split(first.problem, ',')) {
    if (field.starts_with("threads=")) continue;
    out += fmt::format(R"(<span class="chip">{}</span>)", escape(field));
  }
  out +=
      fmt::format(R"(</div><div class="soft small" style="margin-top:8px">Speedup over {}: paired )"
                  "runs on the same memory, with their interval.</div>",
                  first.anchor.empty() ? "an unnamed anchor" : escape(first.anchor));
  out += R"(<table><thead><tr><th></th><th>kernel</th><th>speedup</th><th class="n">time</th>)"
         "<th>roofline</th></tr></thead><tbody>";
  for (const LeaderboardRow& row : rows) ranking_row(out, row, scale * 1.02);
  out += "</tbody></table></div>";
}

void campaign(std::string& out, const CampaignView& view) {
  const CampaignRecord& record = view.record;
  out += fmt::format(
      R"(<div class="card"><h3>Campaign {}: {}</h3><div class="soft small">{} asked, {} failed, )"
      "seed {}, {}, {}<br>{}</div>",
      record.id, escape(record.strategy), view.asked, view.failed, record.seed,
      escape(record.state), date(record.started), escape(record.problem.canonical()));
  const std::string curve = curve_svg(view);
  out += curve.empty() ? R"(<p class="soft">Nothing ran to its end.</p>)" : curve;
  out += fmt::format("<details><summary>command and environment</summary><code>{}</code><dl>",
                     escape(record.command));
  for (const auto& [name, value] : view.environment) {
    out += fmt::format("<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
  }
  out += "</dl></details></div>";
}

void outcomes(std::string& out, const std::vector<OutcomeCount>& counts) {
  int64_t total = 0;
  for (const OutcomeCount& count : counts) total += count.count;
  if (total == 0) return;
  out += fmt::format(
      R"(<div class="card" style="margin-top:16px"><h3>How {} ended</h3><div class="stack">)",
      plural(total, "evaluation"));
  std::string legend;
  int failure = 0;
  for (const OutcomeCount& count : counts) {
    const std::string colour =
        count.outcome == Outcome::ok ? "ok" : fmt::format("f{}", failure++ % 6 + 1);
    out +=
        fmt::format(R"html(<i style="width:{};background:var(--{})"></i>)html",
                    percent(static_cast<double>(count.count) / static_cast<double>(total)), colour);
    legend += fmt::format(
        R"html(<span><i style="background:var(--{})"></i>{}{} <b>{}</b></span>)html", colour,
        name_of(count.outcome), count.rule.empty() ? "" : ": " + escape(count.rule), count.count);
  }
  out += fmt::format(R"(</div><div class="legend">{}</div></div>)", legend);
}

std::string render(const Report& report) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<title>kbench report</title><style>";
  out += kReportStyle;
  out += "</style></head><body>";
  header(out, report);
  out += "<main>";
  for (const TaskReport& task : report.tasks) {
    out += fmt::format(R"(<section id="{0}"><h2>{0}</h2>)", escape(task.task));
    for (const auto& rows : rankings_of(task.leaderboard)) ranking(out, rows);
    if (task.leaderboard.empty()) {
      out += R"(<div class="card soft">No kernel of this task is confirmed yet.</div>)";
    }
    out += R"(<div class="curves">)";
    for (const CampaignView& view : task.campaigns) campaign(out, view);
    out += "</div>";
    outcomes(out, task.outcomes);
    out += "</section>\n";
  }
  if (report.tasks.empty()) out += R"(<div class="card soft">Nothing is stored yet.</div>)";
  out +=
      "</main><footer>Leaderboards hold confirmed kernels only. Times of different days do not "
      "compare; ratios to the same anchor do.</footer></body></html>\n";
  return out;
}

const bool kRegistered =
    report_formats().add("html", {"one self-contained page with curves", render});

}  // namespace

}  // namespace kbench
