#include "results/curve_svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/text.hpp"

namespace kbench {

namespace {

constexpr double kWidth = 560, kHeight = 230;
constexpr double kLeft = 64, kRight = 16, kTop = 14, kBottom = 34;
// Times beyond this multiple of the best lie on the upper edge: the interesting part is below.
constexpr double kTallest = 30;
// From this ratio on the time axis is logarithmic.
constexpr double kLogFrom = 4;

// Multiples of 1, 2 or 5 times a power of ten in [low, high], at most about `count`.
std::vector<double> linear_ticks(double low, double high, int count) {
  const double rough = std::max(high - low, 1e-300) / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double lead = rough / power;
  const double step = power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
  std::vector<double> ticks;
  for (double at = std::ceil(low / step); at * step <= high * (1 + 1e-12); ++at) {
    ticks.push_back(at * step);
  }
  return ticks;
}

std::vector<double> log_ticks(double low, double high) {
  std::vector<double> ticks;
  for (double power = std::pow(10, std::floor(std::log10(low))); power <= high; power *= 10) {
    for (const double lead : {1.0, 2.0, 5.0}) {
      if (lead * power >= low && lead * power <= high) ticks.push_back(lead * power);
    }
  }
  return ticks;
}

struct Axes {
  double last = 1;           // highest ask
  double low = 1, high = 2;  // ns
  bool logarithmic = false;

  double x(double sequence) const { return kLeft + (kWidth - kLeft - kRight) * sequence / last; }
  double y(double ns) const {
    const double at = std::clamp(ns, low, high);
    const double share =
        logarithmic ? std::log(at / low) / std::log(high / low) : (at - low) / (high - low);
    return kHeight - kBottom - (kHeight - kTop - kBottom) * share;
  }
};

Axes axes_of(const CampaignView& campaign) {
  const double best = campaign.improvements.back().ns;
  double worst = campaign.improvements.front().ns;
  for (const CurvePoint& point : campaign.tried) worst = std::max(worst, point.ns);
  worst = std::min(worst, std::max(kTallest * best, campaign.improvements.front().ns));
  Axes axes;
  axes.last = static_cast<double>(std::max<int64_t>(campaign.asked - 1, 1));
  axes.logarithmic = worst / best > kLogFrom;
  axes.low = best * (axes.logarithmic ? 0.8 : 0.97);
  axes.high = std::max(worst * 1.05, best * 1.05);
  return axes;
}

void draw_axes(std::string& svg, const Axes& axes) {
  const auto times =
      axes.logarithmic ? log_ticks(axes.low, axes.high) : linear_ticks(axes.low, axes.high, 5);
  for (const double ns : times) {
    svg +=
        fmt::format(R"(<path class="grid" d="M{:.1f} {:.1f}H{:.1f}"/><text x="{:.1f}" y="{:.1f}" )"
                    R"(text-anchor="end">{}</text>)",
                    kLeft, axes.y(ns), kWidth - kRight, kLeft - 8, axes.y(ns) + 4, format_time(ns));
  }
  for (const double ask : linear_ticks(0, axes.last, 6)) {
    if (ask != std::floor(ask)) continue;
    svg += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)", axes.x(ask),
                       kHeight - kBottom + 16, ask);
  }
  svg += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="end">evaluations</text>)",
                     kWidth - kRight, kHeight - 3);
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += letter;
    }
  }
  return out;
}

std::string curve_svg(const CampaignView& campaign) {
  if (campaign.improvements.empty()) return {};
  const Axes axes = axes_of(campaign);
  const CurvePoint& best = campaign.improvements.back();
  std::string svg = fmt::format(
      R"(<svg class="curve" viewBox="0 0 {} {}" role="img" aria-label="best so far: {}">)", kWidth,
      kHeight, format_time(best.ns));
  draw_axes(svg, axes);
  for (const CurvePoint& point : campaign.tried) {
    svg += fmt::format(R"(<circle class="tried" cx="{:.1f}" cy="{:.1f}" r="1.8"/>)",
                       axes.x(static_cast<double>(point.sequence)), axes.y(point.ns));
  }
  std::string path;
  for (const CurvePoint& point : campaign.improvements) {
    const double x = axes.x(static_cast<double>(point.sequence));
    path += path.empty() ? fmt::format("M{:.1f} {:.1f}", x, axes.y(point.ns))
                         : fmt::format("H{:.1f}V{:.1f}", x, axes.y(point.ns));
  }
  svg += fmt::format(R"(<path class="best" d="{}H{:.1f}"/>)", path, kWidth - kRight);
  svg += fmt::format(R"(<circle class="winner" cx="{:.1f}" cy="{:.1f}" r="4"><title>{} at )"
                     R"(evaluation {}</title></circle></svg>)",
                     axes.x(static_cast<double>(best.sequence)), axes.y(best.ns),
                     format_time(best.ns), best.sequence);
  return svg;
}

}  // namespace kbench
