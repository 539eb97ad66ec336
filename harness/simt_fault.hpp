#pragma once

#include <optional>
#include <string>

#include "harness/outcome.hpp"

namespace kbench {

// What the runtime of the emulated device left in a worker's message: the word `kind` ("simt" of
// what ended the worker, "note" of what explains a wrong result), the outcome, the rule, two
// addresses in the image and a sentence in which {0} and {1} stand for their lines, each on a line
// of its own. None if the message is something else.
std::optional<Fault> simt_fault(const std::string& kind, const std::string& message,
                                const std::string& image);

}  // namespace kbench
