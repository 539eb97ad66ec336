// Fills whose values depend on where they stand: along an axis, or on other tensors.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "harness/fill.hpp"
#include "harness/fill_chunks.hpp"

namespace kbench {

namespace {

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
  write_normal(request.targets[2], request.random.derive(2), 0, 1);
  return {};
}

const OptionSpec kAxis =
    number("axis", "-1", "axis along which; negative counts from the last", -8, 8);

const bool kRegistered[] = {
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
