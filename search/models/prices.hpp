#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "search/models/endpoint.hpp"

namespace kbench {

// In 1e-9 US dollars a token, rounded up.
struct Price {
  int64_t input = 0, output = 0;
};

// A JSON object: a model's name (as in openai:NAME) to {"input_usd_per_million",
// "output_usd_per_million"}; keys that begin with '_' are remarks.
Result<std::map<std::string, Price>> read_prices(const std::string& path);

// What one call can cost at most: a token is at least a byte of the request, and the reply has at
// most max_tokens. Calls that were turned away cost nothing, so that attempts do not multiply it.
int64_t worst_cost(const Price& price, const ChatRequest& request);
// What a call did cost: by the endpoint's own count; the worst where it may have
// worked and did not say; nothing where it did not work.
int64_t cost_of(const Price& price, const ChatRequest& request, const Exchange& exchange);

}  // namespace kbench
