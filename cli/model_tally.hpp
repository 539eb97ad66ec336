#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "results/proposal.hpp"

namespace kbench {

// What became of each model's proposals: how many gave a measured kernel, how many failed, and how.
class ModelTally {
 public:
  void add(const StoredProposal& proposal);
  // A line of its own: "MODEL, pre-check".
  void add(const StoredPrecheck& precheck);
  bool empty() const { return models_.empty(); }
  // A table, a line a model.
  std::string text() const;
  // {"MODEL": {"proposals": 9, "outcomes": {"ok": 4, "no_code": 5}, "input_tokens": ..,
  // "output_tokens": .., "usd": .., "seconds": ..}}
  nlohmann::json json() const;

 private:
  struct Model {
    std::map<std::string, int64_t> outcomes;
    int64_t proposals = 0, input_tokens = 0, output_tokens = 0, nano_usd = 0;
    double milliseconds = 0;
  };
  void add(Model& model, const StoredCall& call);
  std::map<std::string, Model> models_;
};

}  // namespace kbench
