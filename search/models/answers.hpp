#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "results/store.hpp"
#include "search/models/endpoint.hpp"

namespace kbench {

// Who answers a campaign's prompts: endpoints, or a record of them.
class Answers {
 public:
  virtual ~Answers() = default;
  // `model`: which of the campaign's; the one that pre-checks comes after those that write. An
  // Error: this is not what was recorded.
  virtual Result<void> ask(const StoredCall& call, size_t model, const ChatRequest& request) = 0;
  struct Taken {
    CallKey key;
    Exchange exchange;
  };
  // One that has come; none within `wait`: nothing. Any order.
  virtual std::optional<Taken> take(std::chrono::milliseconds wait) = 0;
};

// A thread for each call under way. At its end it waits for them.
class LiveAnswers final : public Answers {
 public:
  explicit LiveAnswers(std::vector<std::unique_ptr<Endpoint>> models)
      : models_(std::move(models)) {}
  Result<void> ask(const StoredCall& call, size_t model, const ChatRequest& request) override;
  std::optional<Taken> take(std::chrono::milliseconds wait) override;

 private:
  std::vector<std::unique_ptr<Endpoint>> models_;
  std::mutex guard_;
  std::condition_variable come_;
  std::vector<Taken> taken_;
  std::map<CallKey, std::jthread> calls_;
};

}  // namespace kbench
