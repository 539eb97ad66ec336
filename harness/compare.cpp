#include "harness/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/vector_clones.hpp"

namespace kbench {

namespace {

// How many error scales a right kernel may be off by. The scale is a standard deviation: eight of
// them leave room for orders of summation less lucky than the reference's own.
constexpr double kScales = 8;
constexpr int64_t kChunk = 512;     // elements checked at a time by the vector loop
constexpr int64_t kSampled = 4096;  // elements of an output whose deviation is looked at

// What storing adds to the bound: one unit in the last place, which covers conversions that
// truncate and results rounded twice; and below that what flushing subnormals to zero may lose (f16
// hardware does not flush, so there it is one subnormal step).
struct StorageError {
  double relative = 0, absolute = 0;
};
StorageError storage_error(DType type) {
  if (!is_floating(type)) return {};
  constexpr double kF16Step = 0x1p-24;
  return {2 * unit_roundoff(type), type == DType::f16 ? kF16Step : min_normal(type)};
}

// Elements [first, last) of an output.
struct Run {
  int64_t first = 0, last = 0;
};

// One output tensor under comparison.
struct Output {
  const TensorShape& shape;
  const Comparator& comparator;
  const void* got;
  const double* values;
  const float* scales;
  const void* pointed = nullptr;  // index_into: the tensor the indices point into, with its shape
  const TensorShape* pointed_shape = nullptr;
  StorageError storage = {};
  double norm = 0;  // normwise: the largest scale of any element

  double bound(int64_t i) const {
    if (comparator.kind != Comparator::Kind::bound) return 0;
    const double scale = comparator.normwise ? norm : static_cast<double>(scales[i]);
    return kScales * scale + storage.relative * std::fabs(values[i]) + storage.absolute;
  }
};

// Whether a value is within its bound of a finite expected one; NaN and Inf must be met exactly.
bool close(double got, double expected, double bound) {
  if (std::isfinite(expected)) return std::fabs(got - expected) <= bound;
  if (std::isnan(expected)) return std::isnan(got);
  return got == expected;
}

// Elements of `values` behind each index, and where the line that output element i points into
// starts.
struct Line {
  int64_t start = 0, extent = 0;
};
Line line_of(const Output& output, int64_t i) {
  const auto& pointed = output.pointed_shape->extents;
  const int64_t extent = pointed.back();
  const bool several = output.shape.extents.size() == pointed.size();  // top-k: k indices a line
  const int64_t line = several ? i / output.shape.extents.back() : i;
  return {line * extent, extent};
}

bool index_is_right(const Output& output, int64_t i) {
  const auto index_at = [&](int64_t at) {
    return static_cast<int64_t>(load_as_double(output.got, output.shape.dtype, at));
  };
  const Line line = line_of(output, i);
  const int64_t index = index_at(i);
  if (index < 0 || index >= line.extent) return false;
  const auto value_at = [&](int64_t at) {
    return load_as_double(output.pointed, output.pointed_shape->dtype, line.start + at);
  };
  const double value = value_at(index);
  if (value != value_at(static_cast<int64_t>(output.values[i]))) return false;
  if (output.shape.extents.size() != output.pointed_shape->extents.size()) return true;
  // Equal values stand side by side: none of them may be named twice.
  const int64_t first = i - i % output.shape.extents.back();
  for (int64_t j = i - 1; j >= first; --j) {
    const int64_t other = index_at(j);
    if (other == index) return false;
    if (other < 0 || other >= line.extent || value_at(other) != value) break;
  }
  return true;
}

bool is_right(const Output& output, int64_t i) {
  if (!(output.scales[i] > 0)) return false;  // the reference did not write it
  if (output.comparator.kind == Comparator::Kind::index_into) return index_is_right(output, i);
  const double got = load_as_double(output.got, output.shape.dtype, i);
  return close(got, output.values[i], output.bound(i));
}

// All of kChunk elements written by the reference and within bounds. Counts instead of stopping
// early: a loop without branches becomes vector instructions. Anything but finite values fails it
// and is looked at one by one.
template <class T>
[[gnu::always_inline]] inline bool all_right(const T* got, const double* values,
                                             const float* scales, StorageError storage,
                                             double scale_factor) {
  int64_t wrong = 0;
  for (int64_t j = 0; j < kChunk; ++j) {
    const double scale = scales[j], expected = values[j];
    const double bound =
        scale_factor * scale + storage.relative * std::fabs(expected) + storage.absolute;
    const double difference = std::fabs(static_cast<double>(got[j]) - expected);
    wrong += ((difference <= bound) & (scale > 0)) ? 0 : 1;
  }
  return wrong == 0;
}
KBENCH_VECTOR_CLONES bool chunk_is_right(const float* got, const double* values,
                                         const float* scales, StorageError storage, double factor) {
  return all_right(got, values, scales, storage, factor);
}
KBENCH_VECTOR_CLONES bool chunk_is_right(const double* got, const double* values,
                                         const float* scales, StorageError storage, double factor) {
  return all_right(got, values, scales, storage, factor);
}
template <class T>
bool chunk_is_right(const T* got, const double* values, const float* scales, StorageError storage,
                    double factor) {
  return all_right(got, values, scales, storage, factor);
}

bool chunk_is_right(const Output& output, int64_t first) {
  const Comparator& comparator = output.comparator;
  if (comparator.kind == Comparator::Kind::index_into) return false;
  const bool exact = comparator.kind == Comparator::Kind::exact;
  StorageError storage = exact ? StorageError{} : output.storage;
  double factor = exact ? 0 : kScales;
  if (comparator.normwise) {
    storage.absolute += factor * output.norm;
    factor = 0;
  }
  const auto check = [&]<class T>(const T* got) {
    return chunk_is_right(got, output.values + first, output.scales + first, storage, factor);
  };
  const auto check_halves = [&](auto widen) {
    std::array<float, kChunk> wide;
    const auto* got = static_cast<const uint16_t*>(output.got) + first;
    for (int64_t j = 0; j < kChunk; ++j) wide[j] = widen(got[j]);
    return check(wide.data());
  };
  switch (output.shape.dtype) {
    case DType::f32:
      return check(static_cast<const float*>(output.got) + first);
    case DType::f64:
      return check(static_cast<const double*>(output.got) + first);
    case DType::i32:
      return check(static_cast<const int32_t*>(output.got) + first);
    case DType::f16:
      return check_halves(float_from_f16);
    case DType::bf16:
      return check_halves(float_from_bf16);
    default:
      return false;
  }
}

// The runs of elements the slices own, all of them when none are named.
std::vector<Run> runs_of(const Task& task, const Problem& problem, const TensorShape& shape,
                         int tensor, std::span<const int64_t> slices) {
  if (slices.empty()) return {{0, shape.elements}};
  const int64_t count = slices_of(task, problem, group_of(task, tensor)).value_or(1);
  const int64_t length = shape.elements / std::max<int64_t>(count, 1);
  std::vector<Run> runs;
  for (const int64_t slice : slices) runs.push_back({slice * length, (slice + 1) * length});
  return runs;
}

std::vector<int64_t> multi_index(int64_t i, const std::vector<int64_t>& extents) {
  std::vector<int64_t> index(extents.size());
  for (size_t d = extents.size(); d-- > 0;) {
    index[d] = i % extents[d];
    i /= extents[d];
  }
  return index;
}

int tensor_index(const Task& task, std::string_view name) {
  return static_cast<int>(task.tensor(name) - task.tensors.data());
}

Output make_output(const Task& task, const std::vector<TensorShape>& shapes, int tensor,
                   const void* const* set, const double* values, const float* scales) {
  const Comparator& comparator = task.comparators.find(task.tensors[tensor].name)->second;
  Output output{.shape = shapes[tensor],
                .comparator = comparator,
                .got = set[tensor],
                .values = values,
                .scales = scales,
                .storage = storage_error(shapes[tensor].dtype)};
  if (comparator.kind == Comparator::Kind::index_into) {
    const int pointed = tensor_index(task, comparator.values);
    output.pointed = set[pointed];
    output.pointed_shape = &shapes[pointed];
  }
  return output;
}

double largest_scale(const float* scales, const std::vector<Run>& runs) {
  float largest = 0;
  for (const Run& run : runs) {
    for (int64_t i = run.first; i < run.last; ++i) largest = std::max(largest, scales[i]);
  }
  return largest;
}

void note(const Output& output, int64_t i, std::optional<Mismatch>& mismatch) {
  if (!mismatch) {
    const bool written = output.scales[i] > 0;
    mismatch =
        Mismatch{.tensor = {},
                 .index = multi_index(i, output.shape.extents),
                 .expected = written ? output.values[i] : std::numeric_limits<double>::quiet_NaN(),
                 .got = load_as_double(output.got, output.shape.dtype, i),
                 .bound = output.bound(i),
                 .bad_count = 0,
                 .unwritten = find_poison(static_cast<const char*>(output.got) +
                                              i * static_cast<int64_t>(size_of(output.shape.dtype)),
                                          output.shape.dtype, 1) == 0};
  }
  ++mismatch->bad_count;
}

// Whether two candidates' elements may both be right.
bool may_both_be_right(const Output& a, const Output& b, int64_t i, double allowance) {
  const double left = load_as_double(a.got, a.shape.dtype, i);
  const double right = load_as_double(b.got, b.shape.dtype, i);
  if (a.comparator.kind == Comparator::Kind::exact) {
    return left == right || (std::isnan(left) && std::isnan(right));
  }
  if (a.comparator.kind == Comparator::Kind::bound) {
    const double each = allowance + a.storage.relative * std::fabs(left) + a.storage.absolute;
    return close(left, right, 2 * each);
  }
  if (left == right) return true;
  const Line line = line_of(a, i);
  const auto inside = [&](double index) {
    return index >= 0 && index < static_cast<double>(line.extent);
  };
  const auto value_at = [&](double index) {
    return load_as_double(a.pointed, a.pointed_shape->dtype,
                          line.start + static_cast<int64_t>(index));
  };
  return inside(left) && inside(right) && value_at(left) == value_at(right);
}

}  // namespace

Result<int64_t> slices_of(const Task& task, const Problem& problem, int group) {
  return task.groups[group].slices.eval(problem.dims);
}

int group_of(const Task& task, int tensor) {
  const std::string& name = task.tensors[tensor].name;
  for (size_t g = 0; g < task.groups.size(); ++g) {
    const auto& outputs = task.groups[g].outputs;
    if (std::find(outputs.begin(), outputs.end(), name) != outputs.end()) {
      return static_cast<int>(g);
    }
  }
  return -1;
}

std::string Mismatch::text() const {
  const std::string place = fmt::format("{}[{}]", tensor, fmt::join(index, ", "));
  const std::string what =
      unwritten ? fmt::format("{} was never written, expected {:.9g}", place, expected)
                : fmt::format("{} is {:.9g}, expected {:.9g}", place, got, expected);
  const std::string within = bound > 0 ? fmt::format(" within {:.3g}", bound) : "";
  return fmt::format("{}{} ({} wrong element{})", what, within, bad_count,
                     bad_count == 1 ? "" : "s");
}

std::optional<Mismatch> compare_output(const Task& task, const Problem& problem,
                                       const std::vector<TensorShape>& shapes, int tensor,
                                       const void* const* set, const double* values,
                                       const float* scales, std::span<const int64_t> slices) {
  Output output = make_output(task, shapes, tensor, set, values, scales);
  const std::vector<Run> runs = runs_of(task, problem, shapes[tensor], tensor, slices);
  if (output.comparator.normwise) output.norm = largest_scale(scales, runs);
  std::optional<Mismatch> mismatch;
  for (const Run& run : runs) {
    for (int64_t first = run.first; first < run.last; first += kChunk) {
      const int64_t last = std::min(run.last, first + kChunk);
      if (last - first == kChunk && chunk_is_right(output, first)) continue;
      for (int64_t i = first; i < last; ++i) {
        if (!is_right(output, i)) note(output, i, mismatch);
      }
    }
  }
  if (mismatch) mismatch->tensor = task.tensors[tensor].name;
  return mismatch;
}

std::optional<double> Deviation::rms() const {
  if (elements == 0) return std::nullopt;
  return std::sqrt(squares / static_cast<double>(elements));
}

Deviation deviation_of(const Task& task, const std::vector<TensorShape>& shapes, int tensor,
                       const void* const* set, const double* values, const float* scales) {
  const TensorShape& shape = shapes[tensor];
  Output output = make_output(task, shapes, tensor, set, values, scales);
  if (output.comparator.normwise) output.norm = largest_scale(scales, {{0, shape.elements}});
  Deviation deviation;
  const int64_t step = shape.elements / kSampled | 1;  // odd: through all columns of 2^n
  for (int64_t i = 0; i < shape.elements; i += step) {
    const double bound = output.bound(i);
    if (!(bound > 0) || !std::isfinite(values[i])) continue;
    const double share = (load_as_double(output.got, shape.dtype, i) - values[i]) / bound;
    deviation += {share * share, 1};
  }
  return deviation;
}

double largest_bound(const Task& task, const Problem& problem,
                     const std::vector<TensorShape>& shapes, int tensor, const double*,
                     const float* scales, std::span<const int64_t> slices) {
  return kScales * largest_scale(scales, runs_of(task, problem, shapes[tensor], tensor, slices));
}

std::vector<int64_t> disagreeing_slices(const Task& task, const Problem& problem,
                                        const std::vector<TensorShape>& shapes, int tensor,
                                        const void* const* a, const void* const* b,
                                        double allowance, size_t limit) {
  const TensorShape& shape = shapes[tensor];
  const Output left = make_output(task, shapes, tensor, a, nullptr, nullptr);
  const Output right = make_output(task, shapes, tensor, b, nullptr, nullptr);
  const int64_t count =
      std::max<int64_t>(slices_of(task, problem, group_of(task, tensor)).value_or(1), 1);
  const int64_t length = shape.elements / count;
  const auto element = static_cast<int64_t>(size_of(shape.dtype));
  std::vector<int64_t> slices;
  for (int64_t slice = 0; slice < count && slices.size() < limit; ++slice) {
    const int64_t first = slice * length;
    const auto* left_bytes = static_cast<const char*>(left.got) + first * element;
    const auto* right_bytes = static_cast<const char*>(right.got) + first * element;
    const auto bytes = static_cast<size_t>(length * element);
    if (bytes == 0 || std::memcmp(left_bytes, right_bytes, bytes) == 0) continue;
    for (int64_t i = first; i < first + length; ++i) {
      if (may_both_be_right(left, right, i, allowance)) continue;
      slices.push_back(slice);
      break;
    }
  }
  return slices;
}

}  // namespace kbench
