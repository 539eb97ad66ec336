#pragma once

#include <unordered_map>

#include "search/models/model_campaign.hpp"
#include "search/models/population.hpp"
#include "search/models/tuner.hpp"

namespace kbench {

struct Tried {
  Candidate candidate;
  Evaluation evaluation;
  int64_t id = 0;
};

// A starting kernel or a proposal, from its prompt until it is told.
struct Slot {
  int64_t index = 0;  // starting kernels first
  bool start = false;
  size_t model = 0;
  Turn turn;
  ChatRequest request;
  StoredProposal record;  // of a proposal
  int64_t told_before = 0;
  int64_t share = 1, worst_nano_usd = 0;
  bool replied = false;
  std::string source;
  std::optional<Miss> miss = {};
  std::optional<Tuner> tuner = {};
  std::vector<Tried> measured = {};
  bool finished() const { return replied && (miss || (tuner && tuner->done())); }
};

// Normalised sources of kernels, with how many were told before each.
using KnownKernels = std::unordered_map<std::string, int64_t>;

// What is stored of an answer, as it came.
void note_reply(Slot& slot, const Exchange& exchange, const Price& price);
// The kernel in it: a tuner for its params, or what is the matter with it.
void read_reply(Slot& slot, const Exchange& exchange, const ModelCampaignSetup& setup,
                const KnownKernels& known);
// Of a finished one: its fastest configuration; none: nothing was measured.
std::optional<Member> member_of(const Slot& slot);
// Of a finished proposal: writes the record's outcome; what a repair needs, where one makes sense.
std::optional<Failure> note_outcome(Slot& slot);

}  // namespace kbench
