// What a task's reference.cpp is written with: tensors as functions of their indices, and the usual
// mathematics for double, float and Tracked. Pasted into generated sources, so it stands alone.
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace kbench_ref {

using std::erf;
using std::exp;
using std::log;
using std::pow;
using std::sqrt;
using std::tanh;

inline double rsqrt(double x) {
  return 1 / std::sqrt(x);
}
inline float rsqrt(float x) {
  return 1 / std::sqrt(x);
}
inline double abs(double x) {
  return std::fabs(x);
}
inline float abs(float x) {
  return std::fabs(x);
}
inline double max(double a, double b) {
  return a < b ? b : a;
}
inline float max(float a, float b) {
  return a < b ? b : a;
}
inline int64_t max(int64_t a, int64_t b) {
  return a < b ? b : a;
}
inline double min(double a, double b) {
  return b < a ? b : a;
}
inline float min(float a, float b) {
  return b < a ? b : a;
}
inline int64_t min(int64_t a, int64_t b) {
  return b < a ? b : a;
}
inline int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}
inline int64_t pow2(int64_t n) {
  return int64_t{1} << n;
}
inline int64_t log2(int64_t n) {
  return 63 - __builtin_clzll(static_cast<uint64_t>(n));
}

// Row-major position of an element; the first extent is not needed to find it.
template <int rank>
struct Shape {
  int64_t extents[rank];

  template <class... Index>
  int64_t offset(Index... index) const {
    static_assert(sizeof...(Index) == rank, "as many indices as the tensor has dimensions");
    const int64_t at[] = {static_cast<int64_t>(index)...};
    int64_t position = at[0];
    for (int d = 1; d < rank; ++d) position = position * extents[d] + at[d];
    return position;
  }
};

// What reading an element of storage type T gives: `real` for numbers, int64_t for integers.
template <class real, class T>
using Read = std::conditional_t<std::is_integral_v<T>, int64_t, real>;

// A number that the task gives, not one that the mathematics brings along.
template <class real>
real given(double value) {
  return static_cast<real>(value);
}

template <class real, class T>
Read<real, T> read(const T& stored) {
  if constexpr (std::is_integral_v<T>) {
    return stored;
  } else if constexpr (std::is_same_v<T, double>) {
    return given<real>(stored);
  } else {
    return given<real>(static_cast<float>(stored));
  }
}

template <class real, class T, int rank>
struct In {
  const T* data;
  Shape<rank> shape;

  template <class... Index>
  Read<real, T> operator()(Index... index) const {
    return read<real, T>(data[shape.offset(index...)]);
  }
};

// An output of a kernel: the storage itself. An inout tensor is one too: read an element before
// writing it.
template <class real, class T, int rank>
struct Out {
  T* data;
  Shape<rank> shape;

  struct Element {
    T* at;
    operator Read<real, T>() const { return read<real, T>(*at); }
    void operator=(Read<real, T> value) const {
      if constexpr (std::is_integral_v<T> || std::is_same_v<T, double>) {
        *at = static_cast<T>(value);
      } else {
        *at = static_cast<T>(static_cast<float>(value));
      }
    }
  };
  template <class... Index>
  Element operator()(Index... index) const {
    return {data + shape.offset(index...)};
  }
};

// Marks a value that a kernel may keep in the storage type of `tensor` (attention's probabilities
// in f16): the bound grows by that rounding, the value stays.
template <class View>
double storable(const View&, double value) {
  return value;
}
template <class View>
float storable(const View&, float value) {
  return value;
}

}  // namespace kbench_ref
