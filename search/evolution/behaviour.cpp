#include "search/evolution/behaviour.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace kbench {

namespace {

bool has_any(const std::string& source, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return source.find(word) != std::string::npos; });
}

int vector_of(const std::string& source) {
  if (has_any(source, {"_mm512_", "__m512"})) return 4;
  if (has_any(source, {"_mm256_", "__m256"})) return 3;
  if (has_any(source, {"_mm_", "__m128", "vld1q_"})) return 2;
  return has_any(source, {"omp simd", "vector_size", "ivdep", "float4", "float8", "half2"}) ? 1 : 0;
}

int size_of(int64_t code_bytes) {
  constexpr int64_t kFirst = 1024;
  int size = 0;
  for (int64_t bound = kFirst; code_bytes >= bound; bound *= 4) ++size;
  return size;
}

int shape_of(const Member& member, const Member& first) {
  size_t best = 0;
  double best_gain = 0;
  for (size_t s = 0; s < std::min(member.shapes_ns.size(), first.shapes_ns.size()); ++s) {
    const double gain = first.shapes_ns[s] / member.shapes_ns[s];
    if (gain <= best_gain) continue;
    best_gain = gain;
    best = s;
  }
  return static_cast<int>(best);
}

}  // namespace

Behaviour behaviour_of(const Member& member, const Member& first) {
  const std::string& source = member.source;
  return {
      {"vector", vector_of(source)},
      {"shared", has_any(source, {"__shared__", "__local", "kbench: buffer", "kbench: prepare"})},
      {"unroll", has_any(source, {"unroll", "UNROLL"})},
      {"parallel", has_any(source, {"omp parallel", "__shfl", "__syncwarp", "sub_group_"})},
      {"size", size_of(member.code_bytes)},
      {"shape", shape_of(member, first)}};
}

}  // namespace kbench
