#include "search/models/prices.hpp"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace kbench {

namespace {

// Roles and other marks that an endpoint puts around messages, in tokens.
constexpr int64_t kFraming = 1'000;
constexpr double kNanoUsdPerTokenOfUsdPerMillion = 1'000;

Result<int64_t> per_token(const nlohmann::json& entry, const char* field,
                          const std::string& where) {
  const auto found = entry.is_object() ? entry.find(field) : entry.end();
  if (found == entry.end() || !found->is_number() || !(found->get<double>() >= 0)) {
    return bad_input(std::string("no ") + field + " that is a price", where,
                     "a number of US dollars for a million tokens");
  }
  return static_cast<int64_t>(std::ceil(found->get<double>() * kNanoUsdPerTokenOfUsdPerMillion));
}

}  // namespace

Result<std::map<std::string, Price>> read_prices(const std::string& path) {
  std::ifstream file(path);
  if (!file) return bad_input("cannot be read", path);
  const auto json = nlohmann::json::parse(file, nullptr, false);
  if (!json.is_object()) return bad_input("is no JSON object", path);
  std::map<std::string, Price> prices;
  for (const auto& [name, entry] : json.items()) {
    if (name.starts_with('_')) continue;
    auto input = per_token(entry, "input_usd_per_million", path + ": " + name);
    if (!input) return tl::unexpected(input.error());
    auto output = per_token(entry, "output_usd_per_million", path + ": " + name);
    if (!output) return tl::unexpected(output.error());
    prices[name] = {*input, *output};
  }
  return prices;
}

int64_t worst_cost(const Price& price, const ChatRequest& request) {
  auto bytes = static_cast<int64_t>(request.system.size());
  for (const ChatMessage& message : request.messages) {
    bytes += static_cast<int64_t>(message.text.size());
  }
  return price.input * (bytes + kFraming) + price.output * request.max_tokens;
}

int64_t cost_of(const Price& price, const ChatRequest& request, const Exchange& exchange) {
  if (exchange.use) return price.input * exchange.use->input + price.output * exchange.use->output;
  return exchange.delivered ? worst_cost(price, request) : 0;
}

}  // namespace kbench
