#pragma once

#include "search/models/answers.hpp"
#include "search/models/slot.hpp"

namespace kbench {

// What asking about a kernel can cost at most. An Error: the prompt part is wrong.
Result<int64_t> worst_precheck_cost(const ModelCampaignSetup& setup);

// What a reply foretells: lines `compiles`, `right` and `cheats`, each yes or no, the last of each;
// `because` is why. None: one is missing.
struct ForetoldReply {
  Foretold foretold;
  std::string because;
};
std::optional<ForetoldReply> parse_foretold(const std::string& reply);

// Asks a model about each proposal's kernel before the judge has it. Where no answer comes, the
// kernel is judged.
class Prechecking {
 public:
  Prechecking(const ModelCampaignSetup& setup, Answers& answers, Store& store)
      : setup_(setup), answers_(answers), store_(store) {}

  // About the kernel in a slot's reply, if it has one and the setup wants it.
  Result<void> ask(Slot& slot);
  // The answer. `stopped`: the campaign is to end.
  Result<void> take(Slot& slot, const Exchange& exchange, bool stopped);

 private:
  const ModelCampaignSetup& setup_;
  Answers& answers_;
  Store& store_;
};

}  // namespace kbench
