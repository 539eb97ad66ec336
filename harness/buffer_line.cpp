#include "harness/buffer_line.hpp"

#include <fmt/format.h>

#include "core/text.hpp"

namespace kbench {
namespace {

tl::unexpected<Error> malformed(const HeaderLine& line, std::string_view at) {
  return bad_input("a buffer is written name dtype[extent, ...], perhaps with = 0", line.at(at),
                   "as in: buffer tmp f32[rows, cols]");
}

Result<void> parse_type(const HeaderLine& line, std::string_view type, BufferSpec& spec) {
  const auto dtype = parse_dtype(type);
  if (dtype) {
    spec.dtype = *dtype;
  } else if (type.size() > 2 && type.substr(type.size() - 2) == "_t") {
    spec.like = type.substr(0, type.size() - 2);
  } else {
    return bad_input(dtype.error().what, line.at(type),
                     dtype.error().hint + ", or the type of a tensor: x_t");
  }
  return {};
}

}  // namespace

Result<BufferSpec> parse_buffer(const HeaderLine& line) {
  const size_t open = line.rest.find('['), close = line.rest.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return malformed(line, line.rest);
  }
  const auto before = words(line.rest.substr(0, open));
  if (before.size() != 2 || !is_identifier(before[0])) return malformed(line, line.rest);
  BufferSpec spec;
  spec.name = before[0];
  spec.line = line.number;
  spec.where = fmt::format("{}:{}", line.file, line.number);
  if (auto typed = parse_type(line, before[1], spec); !typed) {
    return tl::unexpected(typed.error());
  }
  const std::string_view extents = line.rest.substr(open + 1, close - open - 1);
  for (const std::string_view part : split_outside_parentheses(extents, ',')) {
    auto extent = line.expression(part);
    if (!extent) return tl::unexpected(extent.error());
    spec.shape.push_back(std::move(*extent));
  }
  const std::string_view after = trim(line.rest.substr(close + 1));
  if (after.empty()) return spec;
  if (after.front() != '=' || trim(after.substr(1)) != "0") return malformed(line, after);
  spec.zeroed = true;
  return spec;
}

}  // namespace kbench
