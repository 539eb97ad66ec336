#include "harness/outcome.hpp"

#include <array>
#include <vector>

#include "core/text.hpp"

namespace kbench {

namespace {

constexpr std::array<std::string_view, 16> kOutcomes = {"ok",
                                                        "invalid_header",
                                                        "constraint_violated",
                                                        "unsupported",
                                                        "compile_error",
                                                        "compile_timeout",
                                                        "resource_limit",
                                                        "launch_error",
                                                        "timeout",
                                                        "crashed",
                                                        "wrong_result",
                                                        "out_of_bounds",
                                                        "input_modified",
                                                        "nondeterministic",
                                                        "suspicious",
                                                        "internal_error"};
constexpr std::array<std::string_view, 5> kEvidence = {"none", "compiled", "verified", "screened",
                                                       "confirmed"};
static_assert(kOutcomes.size() == static_cast<size_t>(Outcome::internal_error) + 1);
static_assert(kEvidence.size() == static_cast<size_t>(Evidence::confirmed) + 1);

template <class Value, size_t count>
Result<Value> parse(const std::array<std::string_view, count>& names, std::string_view what,
                    std::string_view name) {
  for (size_t i = 0; i < count; ++i) {
    if (names[i] == name) return static_cast<Value>(i);
  }
  return bad_input("unknown " + std::string(what) + " '" + std::string(name) + "'", {},
                   suggestion(name, std::vector<std::string>(names.begin(), names.end())));
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  return kOutcomes.at(static_cast<size_t>(outcome));
}

std::string_view name_of(Evidence evidence) {
  return kEvidence.at(static_cast<size_t>(evidence));
}

Result<Outcome> parse_outcome(std::string_view name) {
  return parse<Outcome>(kOutcomes, "outcome", name);
}

Result<Evidence> parse_evidence(std::string_view name) {
  return parse<Evidence>(kEvidence, "evidence", name);
}

}  // namespace kbench
