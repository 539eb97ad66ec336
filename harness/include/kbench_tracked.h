// A value with its running error scale, the larger of two: the standard deviation that rounding
// would give it if every operation's error were independent (propagation in quadrature), and half
// of what rounding every given number once would cost at worst (its conditioning). The first
// depends on the order of operations and does not see errors that meet again; the second has
// neither fault, but grows with the data only, not with the number of operations. The generator
// defines kbench_ref::kRoundoff, the unit roundoff of the variant's compute type, before this text.
namespace kbench_ref {

// Conversions that compilers turn into vector instructions, and that hold where subnormal floats
// are taken as zero.
struct f16 {
  uint16_t bits;
  explicit operator float() const {
    const int32_t magnitude = bits & 0x7fff, sign = bits - magnitude;
    const float subnormal = static_cast<float>(magnitude) * 0x1p-24f;
    const int32_t normal = (magnitude << 13) + 0x38000000;
    const int32_t special = magnitude >= 0x7c00 ? 0x7f800000 : 0;
    const int32_t word = magnitude < 0x400 ? __builtin_bit_cast(int32_t, subnormal) : normal;
    return __builtin_bit_cast(float, word | special | sign << 16);
  }
};
struct bf16 {
  uint16_t bits;
  explicit operator float() const { return __builtin_bit_cast(float, uint32_t{bits} << 16); }
};

template <class T>
inline constexpr double kStorageRoundoff = 0;
template <>
inline constexpr double kStorageRoundoff<double> = 0x1p-53;
template <>
inline constexpr double kStorageRoundoff<float> = 0x1p-24;
template <>
inline constexpr double kStorageRoundoff<f16> = 0x1p-11;
template <>
inline constexpr double kStorageRoundoff<bf16> = 0x1p-8;

// Library functions may be off by this many roundoffs: fast approximations are legal kernels.
inline constexpr double kFunctionRoundoffs = 4;

// The part of the conditioning that counts as an error scale: eight scales are the bound, so
// results of rounding every given number four times are right.
inline constexpr double kInputShare = 0.5;

struct Tracked {
  double v = 0;
  double s = 0;  // squared error in units of kRoundoff^2
  double c = 0;  // change of v in units of kRoundoff when each given number is one roundoff off

  Tracked() = default;
  Tracked(double value) : v(value) {}
  Tracked(double value, double squared_error, double conditioning)
      : v(value), s(squared_error), c(conditioning) {}
  explicit operator int64_t() const { return static_cast<int64_t>(v); }

  // Counts the operands, not their sum, as what is rounded: where they happen to cancel, another
  // order of summation has partial sums of their size. A sum is rounded by at most its smaller
  // operand, so adding nothing is exact and sparse sums keep the bound of the few terms they have.
  friend Tracked operator+(Tracked a, Tracked b) {
    const double large = a.v * a.v, small = b.v * b.v, whole = large + small;
    const double most = (large < small ? large : small) * (1 / (kRoundoff * kRoundoff));
    return {a.v + b.v, a.s + b.s + (whole < most ? whole : most), a.c + b.c};
  }
  friend Tracked operator-(Tracked a) { return {-a.v, a.s, a.c}; }
  friend Tracked operator-(Tracked a, Tracked b) { return a + -b; }
  friend Tracked operator*(Tracked a, Tracked b) {
    const double product = a.v * b.v;
    return {product, a.s * (b.v * b.v) + b.s * (a.v * a.v) + product * product,
            a.c * std::fabs(b.v) + b.c * std::fabs(a.v)};
  }
  friend Tracked operator/(Tracked a, Tracked b) {
    const double ratio = a.v / b.v;
    const double squared = ratio * ratio;
    return {ratio, (a.s + b.s * squared) / (b.v * b.v) + 4 * squared,
            (a.c + b.c * std::fabs(ratio)) / std::fabs(b.v)};
  }
  Tracked& operator+=(Tracked b) { return *this = *this + b; }
  Tracked& operator-=(Tracked b) { return *this = *this - b; }
  Tracked& operator*=(Tracked b) { return *this = *this * b; }
  Tracked& operator/=(Tracked b) { return *this = *this / b; }

  friend bool operator<(Tracked a, Tracked b) { return a.v < b.v; }
  friend bool operator>(Tracked a, Tracked b) { return a.v > b.v; }
  friend bool operator<=(Tracked a, Tracked b) { return a.v <= b.v; }
  friend bool operator>=(Tracked a, Tracked b) { return a.v >= b.v; }
  friend bool operator==(Tracked a, Tracked b) { return a.v == b.v; }
  friend bool operator!=(Tracked a, Tracked b) { return a.v != b.v; }
};

// A number read from a tensor.
template <>
inline Tracked given<Tracked>(double value) {
  return {value, 0, std::fabs(value)};
}

// f(x) with derivative d: what came in, what the function itself may be off by relative to its
// value, and `absolute`, for functions that kernels compute as a difference of larger numbers.
inline Tracked function_of(Tracked x, double value, double derivative, double absolute = 0) {
  constexpr double kSquared = kFunctionRoundoffs * kFunctionRoundoffs;
  const double carried = x.s == 0 ? 0 : derivative * derivative * x.s;
  return {value, carried + kSquared * (value * value) + absolute * absolute,
          x.c == 0 ? 0 : std::fabs(derivative) * x.c};
}
inline Tracked exp(Tracked x) {
  const double value = std::exp(x.v);
  // Rounding x / log(2), as every fast exp does, counts like an error in x.
  return function_of({x.v, x.s + x.v * x.v, x.c}, value, value);
}
inline Tracked log(Tracked x) {
  return function_of(x, std::log(x.v), 1 / x.v, kFunctionRoundoffs);
}
inline Tracked sqrt(Tracked x) {
  const double value = std::sqrt(x.v);
  return function_of(x, value, 0.5 / value);
}
inline Tracked rsqrt(Tracked x) {
  const double value = 1 / std::sqrt(x.v);
  return function_of(x, value, 0.5 * value / x.v);
}
inline Tracked tanh(Tracked x) {
  const double value = std::tanh(x.v);
  return function_of(x, value, 1 - value * value, 1);
}
inline Tracked erf(Tracked x) {
  constexpr double kTwoOverRootPi = 1.1283791670955126;
  return function_of(x, std::erf(x.v), kTwoOverRootPi * std::exp(-x.v * x.v), 1);
}
inline Tracked pow(Tracked x, double power) {
  const double value = std::pow(x.v, power);
  const double exponent = power * std::log(x.v);
  Tracked result = function_of(x, value, power * value / x.v);
  result.s += value * value * exponent * exponent;
  return result;
}
inline Tracked abs(Tracked x) {
  return {std::fabs(x.v), x.s, x.c};
}
inline Tracked max(Tracked a, Tracked b) {
  return a < b ? b : a;
}
inline Tracked min(Tracked a, Tracked b) {
  return b < a ? b : a;
}

// An output of the reference: expected value and error scale. A scale of 0 means "not written", so
// exact values get the smallest one. Only inout tensors have `data`, their incoming elements.
template <class T, int rank>
struct Out<Tracked, T, rank> {
  double* values;
  float* scales;
  const T* data;
  Shape<rank> shape;

  struct Element {
    double* value;
    float* scale;
    const T* at;
    operator Read<Tracked, T>() const { return read<Tracked, T>(*at); }
    void operator=(Read<Tracked, T> written) const {
      constexpr double kWritten = 0x1p-126;
      if constexpr (std::is_integral_v<T>) {
        *value = static_cast<double>(written);
        *scale = kWritten;
      } else {
        *value = written.v;
        const double roundoffs = max(std::sqrt(written.s), kInputShare * written.c);
        *scale = static_cast<float>(max(kWritten, kRoundoff * roundoffs));
      }
    }
  };
  template <class... Index>
  Element operator()(Index... index) const {
    const int64_t i = shape.offset(index...);
    return {values + i, scales + i, data + i};
  }
};

template <class T>
double storage_roundoff(const T*) {
  return kStorageRoundoff<T>;
}
template <class View>
Tracked storable(const View& tensor, Tracked value) {
  const double roundoff = storage_roundoff(tensor.data) / kRoundoff;
  return {value.v, value.s + roundoff * roundoff * value.v * value.v, value.c};
}

}  // namespace kbench_ref
