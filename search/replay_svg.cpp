#include "search/replay_svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "results/curve_svg.hpp"

namespace kbench {
namespace {

constexpr double kPanelWidth = 400, kPanelHeight = 220, kLeft = 52, kRight = 12, kTop = 30,
                 kBottom = 30, kLegend = 28;
constexpr size_t kColumns = 2;
constexpr const char* kColours[] = {"#0b6e78", "#d1495b", "#8d6fc0", "#e08e45",
                                    "#4f7cc4", "#2f9e63", "#a3486f", "#7c8796"};
constexpr const char* kStyle =
    "text{font:12px sans-serif;fill:#1b2330}.title{font-weight:600}.grid{stroke:#e4e8ee}"
    ".random{stroke:#9aa5b1;stroke-dasharray:4 3}path{fill:none;stroke-width:1.6}";
// The interesting part of a curve lies under this many times the optimum.
constexpr double kHighest = 2;

// A panel's place and the scale of its upward axis: best / optimum, from 1 to `highest`.
struct Panel {
  double left, top, highest;

  double x(double share) const { return left + kLeft + share * (kPanelWidth - kLeft - kRight); }
  double y(double ratio) const {
    const double share = std::clamp((ratio - 1) / (highest - 1), 0.0, 1.0);
    return top + kPanelHeight - kBottom - share * (kPanelHeight - kTop - kBottom);
  }
};

std::string curve(const Panel& panel, const ReplayResult& result, const std::vector<double>& ms) {
  std::string path;
  for (size_t i = 0; i < ms.size(); i += 5) {
    const double share = result.times_ms[i] / result.times_ms.back();
    path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", panel.x(share),
                        panel.y(ms[i] / result.optimum_ms));
  }
  return path;
}

std::string frame(const Panel& panel, const ReplayResult& first) {
  std::string svg = fmt::format(R"(<text class="title" x="{:.1f}" y="{:.1f}">{}</text>)",
                                panel.left + kLeft, panel.top + 18, escape(first.space));
  for (int line = 0; line <= 4; ++line) {
    const double ratio = 1 + (panel.highest - 1) * line / 4;
    svg += fmt::format(R"(<path class="grid" d="M{:.1f} {:.1f}H{:.1f}"/>)"
                       R"(<text x="{:.1f}" y="{:.1f}" text-anchor="end">{:.2f}</text>)",
                       panel.x(0), panel.y(ratio), panel.x(1), panel.x(0) - 6, panel.y(ratio) + 4,
                       ratio);
  }
  return svg + fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="end">{:.0f} s</text>)",
                           panel.x(1), panel.top + kPanelHeight - 12, first.times_ms.back() / 1000);
}

template <class T>
size_t place_of(std::vector<T>& known, const T& wanted) {
  const auto found = std::find(known.begin(), known.end(), wanted);
  if (found != known.end()) return static_cast<size_t>(found - known.begin());
  known.push_back(wanted);
  return known.size() - 1;
}

std::string colour_of(size_t strategy) {
  return kColours[strategy % std::size(kColours)];
}

std::string legend(const std::vector<std::string>& strategies, double y) {
  std::string svg;
  double x = kLeft;
  auto entry = [&](const std::string& name, const std::string& stroke) {
    svg += fmt::format(R"(<path {} d="M{:.0f} {:.0f}h20"/><text x="{:.0f}" y="{:.0f}">{}</text>)",
                       stroke, x, y, x + 26, y + 4, escape(name));
    x += 50 + 7.0 * static_cast<double>(name.size());
  };
  entry("random, expected", R"(class="random")");
  for (size_t i = 0; i < strategies.size(); ++i) {
    entry(strategies[i], fmt::format(R"(stroke="{}")", colour_of(i)));
  }
  return svg;
}

}  // namespace

std::string replay_svg(const std::vector<ReplayResult>& results) {
  std::vector<std::string> spaces, strategies;
  for (const ReplayResult& result : results) place_of(spaces, result.space);
  std::string body;
  std::vector<bool> framed(spaces.size(), false);
  for (const ReplayResult& result : results) {
    const size_t place = place_of(spaces, result.space);
    const size_t row = place / kColumns, column = place % kColumns;
    const double start = result.random_ms.front() / result.optimum_ms;
    const Panel panel{kPanelWidth * static_cast<double>(column),
                      kLegend + kPanelHeight * static_cast<double>(row),
                      std::clamp(start, 1.05, kHighest)};
    if (!framed[place]) {
      body += frame(panel, result) + fmt::format(R"(<path class="random" d="{}"/>)",
                                                 curve(panel, result, result.random_ms));
      framed[place] = true;
    }
    body += fmt::format(R"(<path stroke="{}" d="{}"/>)",
                        colour_of(place_of(strategies, result.strategy)),
                        curve(panel, result, result.best_ms));
  }
  const size_t rows = (spaces.size() + kColumns - 1) / kColumns;
  const double width = kPanelWidth * static_cast<double>(std::min(spaces.size(), kColumns));
  const double height = kLegend + kPanelHeight * static_cast<double>(rows);
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}">)"
      R"(<style>{2}</style><rect width="{0}" height="{1}" fill="#fff"/>{3}{4}</svg>)"
      "\n",
      width, height, kStyle, legend(strategies, 16), body);
}

}  // namespace kbench
