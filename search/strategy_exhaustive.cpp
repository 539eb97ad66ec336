#include "search/strategy.hpp"

namespace kbench {
namespace {

// Every configuration, in the order of the space.
class Exhaustive : public Strategy {
 public:
  Exhaustive(const Space& space, const Options&, uint64_t) : space_(space) {}
  std::optional<Configuration> ask() override {
    if (next_ >= space_.size()) return std::nullopt;
    return space_.at(next_++);
  }
  void tell(const Observation&) override {}

 private:
  const Space& space_;
  uint64_t next_ = 0;
};

const bool kRegistered =
    strategies().add("exhaustive", {.help = "every configuration, in the order of the params",
                                    .options = {},
                                    .make = construct<Exhaustive>});

}  // namespace
}  // namespace kbench
