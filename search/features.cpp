#include "search/features.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <set>

#include "core/text.hpp"

namespace kbench {
namespace {

// Below this many values a tree or a length scale finds by itself what alignment would tell.
constexpr size_t kFewValues = 5;
constexpr int kLargestAlignment = 6;  // 64: more makes no difference to any unit we know

// Powers of two that divide each value; empty where a value is no integer or all are alike.
std::vector<uint16_t> alignments(const Param& param) {
  std::vector<uint16_t> of_value;
  for (const std::string& text : param.values) {
    auto value = parse_integer(text);
    if (!value) return {};
    const auto bits = static_cast<uint64_t>(*value);
    of_value.push_back(static_cast<uint16_t>(std::min(kLargestAlignment, std::countr_zero(bits))));
  }
  return of_value;
}

}  // namespace

Features::Features(const Space& space) {
  static const bool align = !getenv("NOALIGN");
  for (size_t p = 0; p < space.params().size(); ++p) {
    const Param& param = space.params()[p];
    if (param.values.size() < 2) continue;
    Feature place{p, {}, param.values.size()};
    for (size_t i = 0; i < param.values.size(); ++i) {
      place.of_value.push_back(static_cast<uint16_t>(i));
    }
    features_.push_back(std::move(place));
    if (param.values.size() < kFewValues || !align) continue;
    Feature alignment{p, alignments(param), kLargestAlignment + 1};
    const bool ascending =
        std::is_sorted(alignment.of_value.begin(), alignment.of_value.end());  // as powers of two are
    if (!ascending) features_.push_back(std::move(alignment));
  }
}

}  // namespace kbench
