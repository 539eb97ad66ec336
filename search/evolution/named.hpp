#pragma once

#include "core/options.hpp"
#include "core/registry.hpp"

namespace kbench {

// What a registry has under NAME or NAME:option=value,option=value, made with its options; `flag`
// names the text in errors.
template <class Kind>
auto make_named(const Registry<Kind>& registry, const std::string& text, const std::string& flag)
    -> Result<decltype(std::declval<Kind>().make(std::declval<Options>()))> {
  const size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  auto kind = registry.find(name);
  if (!kind) return tl::unexpected(kind.error());
  std::map<std::string, std::string> given;
  if (colon != std::string::npos) {
    for (const std::string& part : split(text.substr(colon + 1), ',')) {
      const size_t equals = part.find('=');
      if (equals == std::string::npos) {
        return bad_input("'" + part + "' is no option", flag, "write NAME:option=value");
      }
      given[std::string(trim(part.substr(0, equals)))] = trim(part.substr(equals + 1));
    }
  }
  auto options = Options::parse((*kind)->options, given, name);
  if (!options) return tl::unexpected(options.error());
  return (*kind)->make(*options);
}

}  // namespace kbench
