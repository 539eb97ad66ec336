// Any bytes as a line of the protocol: read, or refused by the one exception that readers expect;
// what was read can be written and read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/judge_server.hpp"

namespace {

template <class Message>
void there_and_back(const nlohmann::json& line) {
  try {
    const auto message = line.get<Message>();
    const std::string written = kbench::line_of(message);
    const auto again = nlohmann::json::parse(written);
    if (kbench::line_of(again.get<Message>()) != written) std::abort();
  } catch (const nlohmann::json::exception&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto line = nlohmann::json::parse(data, data + size, nullptr, false);
  if (line.is_discarded() || !line.is_object()) return 0;
  there_and_back<kbench::EvaluationRequest>(line);
  there_and_back<kbench::ConfirmationRequest>(line);
  there_and_back<kbench::Evaluation>(line);
  there_and_back<kbench::Confirmation>(line);
  return 0;
}
