#include "search/features.hpp"

#include <algorithm>
#include <bit>
#include <set>

#include "core/text.hpp"

namespace kbench {
namespace {

// With fewer values a tree or a length scale finds by itself what alignment would tell; what stays
// smaller counts things, warps and cache lines do not show in it.
constexpr size_t kFewValues = 5;
constexpr uint64_t kSmall = 32;
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

// How many powers of two divide each, as places among those that occur.
std::vector<uint16_t> alignments(const std::vector<uint64_t>& values) {
  const auto alignment = [](uint64_t value) {
    return std::min(kLargestAlignment, std::countr_zero(value));
  };
  std::set<int> occur;
  for (const uint64_t value : values) occur.insert(alignment(value));
  std::vector<uint16_t> of_value;
  for (const uint64_t value : values) {
    const auto found = occur.find(alignment(value));
    of_value.push_back(static_cast<uint16_t>(std::distance(occur.begin(), found)));
  }
  return of_value;
}

// Whether a model is told more of a param of these values than their places.
bool alignment_matters(const std::vector<uint64_t>& values) {
  return values.size() >= kFewValues && *std::max_element(values.begin(), values.end()) >= kSmall &&
         !std::all_of(values.begin(), values.end(), std::has_single_bit<uint64_t>);
}

}  // namespace

Features::Features(const Space& space) {
  for (size_t p = 0; p < space.params().size(); ++p) {
    const Param& param = space.params()[p];
    if (param.values.size() < 2) continue;
    add(p, places(param.values.size()), true);
    const std::vector<uint64_t> values = positive_integers(param);
    if (alignment_matters(values)) add(p, alignments(values));
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
