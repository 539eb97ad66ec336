#pragma once

#include <string>
#include <string_view>

#include "results/report.hpp"

namespace kbench {

// The text with what means something to HTML and SVG replaced, in elements and in quoted
// attributes.
std::string escape(std::string_view text);

// Best screened time so far over the asks of a campaign, with every time tried behind it, as an
// inline SVG that takes its colours from the page: --line, --dot, --grid and the text colour. Empty
// when nothing ran.
std::string curve_svg(const CampaignView& campaign);

}  // namespace kbench
