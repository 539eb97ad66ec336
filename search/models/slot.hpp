#pragma once

#include <unordered_map>

#include "search/evolution/member.hpp"
#include "search/models/model_campaign.hpp"
#include "search/models/tuner.hpp"

namespace kbench {

struct Tried {
  Candidate candidate;
  Evaluation evaluation;
  int64_t id = 0;
};

// A starting kernel or a proposal, from its prompt until it is told.
struct Slot {
  bool start = false;
  size_t model = 0;
  Turn turn;
  ChatRequest request, precheck_request;
  StoredProposal record;  // of a proposal
  int64_t told_before = 0;
  int64_t share = 1, worst_nano_usd = 0;
  int64_t first_sequence = 0;  // of its evaluations: the share's, then those on other shapes
  bool replied = false;
  std::optional<StoredPrecheck> precheck = {};  // what a model foretold of its kernel
  bool foretelling = false;                     // it has not answered yet
  std::string source, lesson;
  std::vector<Params> handed_down = {};  // good for kernels before it
  std::optional<Miss> miss = {};
  std::optional<Plan> plan = {};  // where that was asked for
  std::optional<Tuner> tuner = {};
  std::vector<Tried> measured = {};   // by the tuner
  std::vector<Tried> on_shapes = {};  // its best, on the campaign's other shapes
  size_t shapes_asked = 0;

  // Its kernel is the judge's.
  bool to_judge() const { return tuner && !miss && !foretelling; }
  // `shapes`: how many others there are.
  bool finished(size_t shapes) const {
    if (!replied || foretelling) return false;
    if (miss || plan) return true;
    return tuner && tuner->done() && (tuner->best_ns() == 0 || on_shapes.size() == shapes);
  }
};

// Normalised sources of kernels, with how many were told before each.
using KnownKernels = std::unordered_map<std::string, int64_t>;

// What is stored of an answer, as it came.
void note_reply(StoredCall& record, const ChatRequest& request, const Exchange& exchange,
                const Price& price);
// The kernel in it: a tuner for its params; a plan; or what is the matter with it.
void read_reply(Slot& slot, const Exchange& exchange, const ModelCampaignSetup& setup,
                const KnownKernels& known);
// The first shape that a finished one fails on; null: none.
const Tried* failed_shape(const Slot& slot);
// Of a finished one: its fastest configuration; none: nothing was measured, or it fails on another
// shape.
std::optional<Member> member_of(const Slot& slot);
// Of a finished proposal: writes the record's outcome; what a repair needs, where one makes sense.
std::optional<Failure> note_outcome(Slot& slot);

}  // namespace kbench
