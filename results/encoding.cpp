#include "results/encoding.hpp"

#include <fmt/chrono.h>
#include <zstd.h>

#include <bit>
#include <chrono>
#include <cstring>
#include <memory>

namespace kbench {

static_assert(std::endian::native == std::endian::little, "pack() copies doubles as they lie");

namespace {

constexpr int kLevel = 3;
// Nothing in the store is larger; a damaged length must not allocate without end.
constexpr uint64_t kLargestText = uint64_t{1} << 30;

}  // namespace

std::string compress(std::string_view bytes) {
  // A context costs more than a kernel's compression: one is kept.
  thread_local std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                          ZSTD_freeCCtx);
  std::string frame(ZSTD_compressBound(bytes.size()), '\0');
  frame.resize(ZSTD_compressCCtx(context.get(), frame.data(), frame.size(), bytes.data(),
                                 bytes.size(), kLevel));
  return frame;
}

Result<std::string> decompress(std::string_view frame) {
  const uint64_t size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  const auto damaged = [] { return environment_error("a stored text is damaged"); };
  if (size > kLargestText) return damaged();  // the error values are the largest numbers
  std::string bytes(size, '\0');
  const size_t got = ZSTD_decompress(bytes.data(), bytes.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) != 0 || got != size) return damaged();
  return bytes;
}

std::string pack(const std::vector<double>& values) {
  std::string bytes(values.size() * sizeof(double), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::vector<double> unpack(std::string_view bytes) {
  std::vector<double> values(bytes.size() / sizeof(double));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(double));
  return values;
}

std::string iso_time(int64_t milliseconds) {
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), milliseconds % 1000);
}

int64_t milliseconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace kbench
