#include "search/features.hpp"

#include <algorithm>
#include <bit>
#include <set>

#include "core/text.hpp"

namespace kbench {
namespace {

// With fewer values a tree or a length scale finds by itself what alignment would tell.
constexpr size_t kFewValues = 5;
constexpr int kLargestAlignment = 6;  // 64: more makes no difference to any unit we know

// Empty where one is no positive integer.
std::vector<uint64_t> positive_integers(const Param& param) {
  std::vector<uint64_t> integers;
  for (const std::string& text : param.values) {
    const auto value = parse_integer(text);
    if (!value || *value < 1) return {};
    integers.push_back(static_cast<uint64_t>(*value));
  }
  return integers;
}

std::vector<uint16_t> places(size_t count) {
  std::vector<uint16_t> of_value(count);
  for (size_t i = 0; i < count; ++i) of_value[i] = static_cast<uint16_t>(i);
  return of_value;
}

// How many powers of two divide each.
std::vector<uint16_t> alignments(const std::vector<uint64_t>& values) {
  std::vector<uint16_t> of_value;
  for (const uint64_t value : values) {
    of_value.push_back(static_cast<uint16_t>(std::min(kLargestAlignment, std::countr_zero(value))));
  }
  return of_value;
}

// Places of the odd parts among each other.
std::vector<uint16_t> odd_parts(const std::vector<uint64_t>& values) {
  std::set<uint64_t> odd;
  for (const uint64_t value : values) odd.insert(value >> std::countr_zero(value));
  std::vector<uint16_t> of_value;
  for (const uint64_t value : values) {
    const auto found = odd.find(value >> std::countr_zero(value));
    of_value.push_back(static_cast<uint16_t>(std::distance(odd.begin(), found)));
  }
  return of_value;
}

}  // namespace

Features::Features(const Space& space) {
  for (size_t p = 0; p < space.params().size(); ++p) {
    const Param& param = space.params()[p];
    if (param.values.size() < 2) continue;
    add(p, places(param.values.size()), true);
    const std::vector<uint64_t> values = positive_integers(param);
    if (values.size() < kFewValues ||
        std::all_of(values.begin(), values.end(), std::has_single_bit<uint64_t>)) {
      continue;
    }
    add(p, alignments(values));
    add(p, odd_parts(values));
  }
}

void Features::add(size_t param, std::vector<uint16_t> of_value, bool is_place) {
  const size_t codes = 1u + *std::max_element(of_value.begin(), of_value.end());
  if (codes > 1) features_.push_back({param, std::move(of_value), codes, is_place});
}

std::vector<uint16_t> Features::codes_of(const std::vector<Configuration>& configurations) const {
  std::vector<uint16_t> rows;
  rows.reserve(configurations.size() * count());
  for (const Configuration& at : configurations) {
    for (const Feature& feature : features_) {
      rows.push_back(feature.of_value[at[feature.param]]);
    }
  }
  return rows;
}

}  // namespace kbench
