#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/vector_clones.hpp"
#include "harness/fill.hpp"

namespace kbench {

namespace {

constexpr int64_t kChunk = 1024;  // elements made at a time: their bits and values stay in L1

// out[j] = convert(values[j]); whole chunks by a loop of constant length, which becomes vector
// code.
template <class Stored, class T, class Convert>
void convert_chunk(Stored* out, const T* values, int64_t count, const Convert& convert) {
  if (count == kChunk) {
    for (int64_t j = 0; j < kChunk; ++j) out[j] = convert(values[j]);
  } else {
    for (int64_t j = 0; j < count; ++j) out[j] = convert(values[j]);
  }
}

// Stores `count` values in the tensor's type, from element `first` on.
template <class T>
void store_chunk(const FillTarget& target, int64_t first, int64_t count, const T* values) {
  const auto cast_to = [&]<class Stored>(Stored* out) {
    convert_chunk(out + first, values, count, [](T value) { return static_cast<Stored>(value); });
  };
  void* data = target.data;
  auto* halves = static_cast<uint16_t*>(data) + first;
  switch (target.shape.dtype) {
    case DType::f64:
      return cast_to(static_cast<double*>(data));
    case DType::f32:
      return cast_to(static_cast<float*>(data));
    case DType::i64:
      return cast_to(static_cast<int64_t*>(data));
    case DType::i32:
      return cast_to(static_cast<int32_t*>(data));
    case DType::f16:
      return convert_chunk(halves, values, count, f16_from_float);
    case DType::bf16:
      return convert_chunk(halves, values, count, bf16_from_float);
    default:  // saturates
      for (int64_t j = 0; j < count; ++j) {
        store_from_double(data, target.shape.dtype, first + j, static_cast<double>(values[j]));
      }
  }
}

// Fills a tensor of any type with values made chunk by chunk: `make(first, out)` makes kChunk of
// them.
template <class T, class Make>
void write_chunks(const FillTarget& target, const Make& make) {
  std::array<T, kChunk> values;
  for (int64_t first = 0; first < target.shape.elements; first += kChunk) {
    make(first, values.data());
    store_chunk(target, first, std::min(kChunk, target.shape.elements - first), values.data());
  }
}
template <class Make>
void write_floats(const FillTarget& target, const Make& make) {
  write_chunks<float>(target, make);
}

// [0, 1) in steps of 2^-24.
inline float unit_float(uint32_t bits) {
  return static_cast<float>(static_cast<int32_t>(bits >> 8)) * 0x1p-24F;
}

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

Result<void> fill_uniform(const FillRequest& request) {
  write_uniform(request.targets[0], request.random, request.options.number("low"),
                request.options.number("high"));
  return {};
}

Result<void> fill_normal(const FillRequest& request) {
  write_quantiles(request.targets[0], request.random, normal_chunk, request.options.number("mean"),
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

// How often the elements of one axis repeat before it, and how many lie behind each.
struct AxisSplit {
  int64_t outer = 1, extent = 1, inner = 1;
};
AxisSplit split_at(const TensorShape& shape, int64_t axis) {
  AxisSplit split;
  for (int64_t d = 0; d < std::ssize(shape.extents); ++d) {
    (d < axis ? split.outer : d == axis ? split.extent : split.inner) *= shape.extents[d];
  }
  return split;
}

Result<int64_t> axis_of(const FillRequest& request) {
  const int64_t rank = std::ssize(request.targets[0].shape.extents);
  const int64_t axis = request.options.integer("axis");
  if (axis < -rank || axis >= rank) {
    return bad_input("axis " + std::to_string(axis) + " is not one of the tensor's",
                     request.targets[0].name);
  }
  return axis < 0 ? axis + rank : axis;
}

// `terms` positions along the axis, the same for every line so that products of two tensors keep
// them.
Result<void> fill_sparse(const FillRequest& request) {
  const FillTarget& target = request.targets[0];
  const auto axis = axis_of(request);
  if (!axis) return tl::unexpected(axis.error());
  const auto [outer, extent, inner] = split_at(target.shape, *axis);
  const int64_t terms = std::min(request.options.integer("terms"), extent);
  const auto background = static_cast<float>(request.options.number("background"));
  const double scale = request.options.number("scale");
  write_floats(target, [&](int64_t, float* out) { std::fill(out, out + kChunk, background); });
  std::vector<int64_t> positions;
  const RandomStream choices = request.random.derive(1);
  for (int64_t i = 0; std::ssize(positions) < terms; ++i) {
    const int64_t position = choices.below(i, extent);
    if (std::find(positions.begin(), positions.end(), position) == positions.end()) {
      positions.push_back(position);
    }
  }
  for (int64_t line = 0; line < outer; ++line) {
    for (const int64_t position : positions) {
      for (int64_t j = 0; j < inner; ++j) {
        const int64_t i = (line * extent + position) * inner + j;
        store_from_double(target.data, target.shape.dtype, i,
                          scale * (2 * unit_float(request.random.bits(i)) - 1));
      }
    }
  }
  return {};
}

Result<void> fill_sorted(const FillRequest& request) {
  const FillTarget& target = request.targets[0];
  const double low = request.options.number("low");
  const double span = request.options.number("high") - low;
  const int64_t extent = target.shape.extents.back();
  const double step = span / static_cast<double>(extent);
  write_chunks<double>(target, [&](int64_t first, double* out) {
    std::array<uint32_t, kChunk> bits;
    request.random.fill(first, kChunk, bits.data());
    int64_t column = first % extent;
    for (int64_t j = 0; j < kChunk; ++j) {
      out[j] = low + step * (static_cast<double>(column) + unit_float(bits[j]));
      if (++column == extent) column = 0;
    }
  });
  return {};
}

Result<void> fill_permutation(const FillRequest& request) {
  const FillTarget& target = request.targets[0];
  const int64_t extent = target.shape.extents.back();
  std::vector<int64_t> order(static_cast<size_t>(extent));
  for (int64_t first = 0; first < target.shape.elements; first += extent) {
    for (int64_t j = 0; j < extent; ++j) {
      const int64_t other = request.random.below(first + j, j + 1);
      order[j] = order[other];
      order[other] = j;
    }
    for (int64_t j = 0; j < extent; ++j) {
      store_from_double(target.data, target.shape.dtype, first + j, static_cast<double>(order[j]));
    }
  }
  return {};
}

// Weight of one row's length before all are scaled to fill the matrix.
double row_weight(const std::string& lengths, float unit) {
  if (lengths == "even") return 1;
  if (lengths == "random") return unit;
  return std::pow(unit + 1e-3, -1.2);  // skewed: a few rows hold most of the matrix
}

// Row starts that add up to exactly the elements `col` has, no row longer than there are columns.
Result<std::vector<int64_t>> row_starts(const FillRequest& request, int64_t rows, int64_t cols,
                                        int64_t nonzeros) {
  if (nonzeros > rows * cols) return bad_input("fill 'csr' has more elements than the matrix");
  std::vector<double> weights(static_cast<size_t>(rows));
  double rest_weight = 0;
  for (int64_t i = 0; i < rows; ++i) {
    weights[i] = row_weight(request.options.text("lengths"), unit_float(request.random.bits(i)));
    rest_weight += weights[i];
  }
  std::vector<int64_t> starts = {0};
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t left = nonzeros - starts.back(), later = (rows - 1 - i) * cols;
    const double share = rest_weight > 0 ? std::min(1.0, weights[i] / rest_weight) : 1;
    const int64_t wanted = std::llround(static_cast<double>(left) * share);
    const int64_t least = std::max<int64_t>(0, left - later);  // what the rows below cannot hold
    starts.push_back(starts.back() + std::clamp(wanted, least, std::min(cols, left)));
    rest_weight -= weights[i];
  }
  return starts;
}

// A matrix in compressed sparse rows: row starts [rows + 1], columns ascending in each row, values.
Result<void> fill_csr(const FillRequest& request) {
  const FillTarget& starts = request.targets[0];
  const FillTarget& columns = request.targets[1];
  const auto found = request.dims->find(request.options.text("cols"));
  if (found == request.dims->end()) return bad_input("fill 'csr': cols does not name a dim");
  const int64_t cols = found->second, rows = starts.shape.elements - 1;
  const auto ends = row_starts(request, rows, cols, columns.shape.elements);
  if (!ends) return tl::unexpected(ends.error());
  const RandomStream places = request.random.derive(1);
  for (int64_t i = 0; i <= rows; ++i) {
    store_from_double(starts.data, starts.shape.dtype, i, static_cast<double>((*ends)[i]));
  }
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t first = (*ends)[i], length = (*ends)[i + 1] - first;
    for (int64_t j = 0; j < length; ++j) {
      const int64_t low = j * cols / length, high = (j + 1) * cols / length;
      store_from_double(columns.data, columns.shape.dtype, first + j,
                        static_cast<double>(low + places.below(first + j, high - low)));
    }
  }
  write_quantiles(request.targets[2], request.random.derive(2), normal_chunk, 0, 1);
  return {};
}

constexpr double kAny = 1e30;

OptionSpec number(const std::string& name, const std::string& value, const std::string& help,
                  double low = -kAny, double high = kAny) {
  return {
      .name = name, .default_value = value, .help = help, .low = low, .high = high, .choices = {}};
}
OptionSpec word(const std::string& name, const std::string& value, const std::string& help,
                std::vector<std::string> choices = {}) {
  return {.name = name,
          .default_value = value,
          .help = help,
          .low = 0,
          .high = 0,
          .choices = std::move(choices)};
}

const OptionSpec kAxis =
    number("axis", "-1", "axis along which; negative counts from the last", -8, 8);

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
    fill_generators().add("sparse", {"a few full-mantissa terms along an axis",
                                     1,
                                     {number("terms", "6", "how many", 1, 1e6), kAxis,
                                      number("scale", "1", "terms are uniform in [-scale, scale)"),
                                      number("background", "0", "every other element")},
                                     fill_sparse}),
    fill_generators().add(
        "sorted", {"ascending along the last axis",
                   1,
                   {number("low", "-1", "lowest value"), number("high", "1", "end of the range")},
                   fill_sorted}),
    fill_generators().add("permutation",
                          {"each of 0 .. n-1 once along the last axis", 1, {}, fill_permutation}),
    fill_generators().add("csr",
                          {"a sparse matrix: row starts, columns, normal values",
                           3,
                           {word("cols", "cols", "the dim that counts columns"),
                            word("lengths", "random", "of the rows", {"even", "random", "skewed"})},
                           fill_csr}),
};

}  // namespace

}  // namespace kbench
