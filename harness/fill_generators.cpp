#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "core/vector_clones.hpp"
#include "harness/fill.hpp"
#include "harness/fill_chunks.hpp"

namespace kbench {

namespace {

KBENCH_VECTOR_CLONES void uniform_chunk(const uint32_t* bits, float base, float span, float* out) {
  for (int64_t j = 0; j < kChunk; ++j) out[j] = base + span * unit_float(bits[j]);
}

void write_uniform(const FillTarget& target, const RandomStream& random, double low, double high) {
  const auto base = static_cast<float>(low), span = static_cast<float>(high - low);
  write_floats(target, [&](int64_t first, float* out) {
    std::array<uint32_t, kChunk> bits;
    random.fill(first, kChunk, bits.data());
    uniform_chunk(bits.data(), base, span, out);
  });
}

// (-1, 1), with all of a float's digits near 0 as well.
inline float signed_unit_float(uint32_t bits) {
  constexpr float kScale = 0x1p-31F;
  return static_cast<float>(static_cast<int32_t>(bits)) * kScale;
}

// Quantiles at (1 + x) / 2, cheap enough for refreshing inputs to keep up with memory: of the
// normal distribution by a rational fit of our own, within 5 % up to its end at 4.14, deviation 1
// and kurtosis 3.05; of Student's t with two degrees of freedom, which has no variance, exactly.
inline float normal_quantile(float x) {
  const float t = x * x;
  const float above = (0.84269463F * t - 2.11015998F) * t + 1.26844144F;
  const float below = (0.83950096F * t - 1.83926517F) * t + 1.0F;
  return x * above / below;
}
inline float heavy_quantile(float x) {
  constexpr float kInside = 1 - 0x1p-15F;  // ends at 181
  x *= kInside;
  return x / std::sqrt((1 - x * x) * 0.5F);
}

using Quantiles = void (*)(const uint32_t* bits, float shift, float factor, float* out);
KBENCH_VECTOR_CLONES void normal_chunk(const uint32_t* bits, float shift, float factor,
                                       float* out) {
  for (int64_t j = 0; j < kChunk; ++j) {
    out[j] = shift + factor * normal_quantile(signed_unit_float(bits[j]));
  }
}
KBENCH_VECTOR_CLONES void heavy_chunk(const uint32_t* bits, float shift, float factor, float* out) {
  for (int64_t j = 0; j < kChunk; ++j) {
    out[j] = shift + factor * heavy_quantile(signed_unit_float(bits[j]));
  }
}

void write_quantiles(const FillTarget& target, const RandomStream& random, Quantiles quantiles,
                     double mean, double scale) {
  const auto shift = static_cast<float>(mean), factor = static_cast<float>(scale);
  write_floats(target, [&](int64_t first, float* out) {
    std::array<uint32_t, kChunk> bits;
    random.fill(first, kChunk, bits.data());
    quantiles(bits.data(), shift, factor, out);
  });
}

}  // namespace

void write_normal(const FillTarget& target, const RandomStream& random, double mean,
                  double stddev) {
  write_quantiles(target, random, normal_chunk, mean, stddev);
}

namespace {

Result<void> fill_uniform(const FillRequest& request) {
  write_uniform(request.targets[0], request.random, request.options.number("low"),
                request.options.number("high"));
  return {};
}

Result<void> fill_normal(const FillRequest& request) {
  write_normal(request.targets[0], request.random, request.options.number("mean"),
               request.options.number("stddev"));
  return {};
}

Result<void> fill_heavy(const FillRequest& request) {
  write_quantiles(request.targets[0], request.random, heavy_chunk, 0,
                  request.options.number("scale"));
  return {};
}

Result<void> fill_constant(const FillRequest& request) {
  const auto value = static_cast<float>(request.options.number("value"));
  write_floats(request.targets[0],
               [&](int64_t, float* out) { std::fill(out, out + kChunk, value); });
  return {};
}

// Whole numbers in [low, low + span).
void write_integers(const FillTarget& target, const RandomStream& random, int64_t low,
                    uint64_t span) {
  write_chunks<int64_t>(target, [&](int64_t first, int64_t* out) {
    std::array<uint32_t, kChunk> bits;
    random.fill(first, kChunk, bits.data());
    for (int64_t j = 0; j < kChunk; ++j)
      out[j] = low + static_cast<int64_t>((bits[j] * span) >> 32);
  });
}

Result<void> fill_integers(const FillRequest& request) {
  const int64_t low = request.options.integer("low"), high = request.options.integer("high");
  if (high < low) return bad_input("fill 'integers' has high below low");
  write_integers(request.targets[0], request.random, low, static_cast<uint64_t>(high - low + 1));
  return {};
}

Result<void> fill_indices(const FillRequest& request) {
  const FillTarget& target = request.targets[0];
  const auto below = Expr::parse(request.options.text("below"));
  if (!below) return tl::unexpected(below.error());
  const auto bound = below->eval(*request.dims);
  if (!bound) return tl::unexpected(bound.error());
  if ((*bound < 1 && target.shape.elements > 0) || *bound > int64_t{1} << 32) {
    return bad_input("fill 'indices' needs 1 to 2^32 things to point at", target.name);
  }
  write_integers(target, request.random, 0, static_cast<uint64_t>(*bound));
  return {};
}

Result<void> fill_bits(const FillRequest& request) {
  const FillTarget& target = request.targets[0];
  const auto bytes = static_cast<int64_t>(target.shape.bytes());
  auto* out = static_cast<unsigned char*>(target.data);
  std::array<uint32_t, kChunk> bits;
  for (int64_t first = 0; first < bytes; first += static_cast<int64_t>(sizeof bits)) {
    request.random.fill(first / 4, kChunk, bits.data());
    std::memcpy(out + first, bits.data(),
                static_cast<size_t>(std::min(bytes - first, static_cast<int64_t>(sizeof bits))));
  }
  return {};
}

const bool kRegistered[] = {
    fill_generators().add(
        "uniform", {"uniform in [low, high)",
                    1,
                    {number("low", "-1", "lowest value"), number("high", "1", "end of the range")},
                    fill_uniform}),
    fill_generators().add("normal", {"normal, cut off at 4.2 standard deviations",
                                     1,
                                     {number("mean", "0", "mean"),
                                      number("stddev", "1", "standard deviation", 0, kAny)},
                                     fill_normal}),
    fill_generators().add("heavy", {"heavy tails: Student's t with two degrees of freedom",
                                    1,
                                    {number("scale", "1", "factor")},
                                    fill_heavy}),
    fill_generators().add(
        "constant",
        {"one value everywhere", 1, {number("value", "0", "the value")}, fill_constant}),
    fill_generators().add("integers", {"whole numbers in [low, high]; few of them make ties",
                                       1,
                                       {number("low", "0", "lowest", -16777216, 16777216),
                                        number("high", "1", "highest", -16777216, 16777216)},
                                       fill_integers}),
    fill_generators().add("indices", {"whole numbers in [0, below)",
                                      1,
                                      {word("below", "1", "expression over the dims")},
                                      fill_indices}),
    fill_generators().add("bits", {"random bytes, for packed numbers", 1, {}, fill_bits}),
};

}  // namespace

}  // namespace kbench
