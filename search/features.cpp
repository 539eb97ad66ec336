#include "search/features.hpp"

#include <algorithm>
#include <bit>

#include "core/text.hpp"

namespace kbench {
namespace {

// With fewer values a tree or a length scale finds by itself what alignment would tell.
constexpr size_t kFewValues = 5;
constexpr int kLargestAlignment = 6;  // 64: more makes no difference to any unit we know

// How many powers of two divide each value; empty where one is no integer.
std::vector<uint16_t> alignments(const Param& param) {
  std::vector<uint16_t> of_value;
  for (const std::string& text : param.values) {
    const auto value = parse_integer(text);
    if (!value) return {};
    const int twos = std::countr_zero(static_cast<uint64_t>(*value));
    of_value.push_back(static_cast<uint16_t>(std::min(kLargestAlignment, twos)));
  }
  return of_value;
}

std::vector<uint16_t> places(const Param& param) {
  std::vector<uint16_t> of_value(param.values.size());
  for (size_t i = 0; i < of_value.size(); ++i) of_value[i] = static_cast<uint16_t>(i);
  return of_value;
}

}  // namespace

Features::Features(const Space& space) {
  for (size_t p = 0; p < space.params().size(); ++p) {
    const Param& param = space.params()[p];
    if (param.values.size() < 2) continue;
    features_.push_back({p, places(param), param.values.size()});
    if (param.values.size() < kFewValues) continue;
    std::vector<uint16_t> twos = alignments(param);
    // Powers of two in order say with their place what their alignment would.
    if (std::is_sorted(twos.begin(), twos.end())) continue;
    features_.push_back({p, std::move(twos), kLargestAlignment + 1});
  }
}

}  // namespace kbench
