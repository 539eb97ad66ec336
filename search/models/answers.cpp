#include "search/models/answers.hpp"

namespace kbench {

Result<void> LiveAnswers::ask(const StoredCall& call, size_t model, const ChatRequest& request) {
  calls_.emplace(key_of(call), [this, model, request, key = key_of(call)] {
    Taken taken{key, models_[model]->ask(request)};
    const std::lock_guard<std::mutex> held(guard_);
    taken_.push_back(std::move(taken));
    come_.notify_one();
  });
  return {};
}

std::optional<Answers::Taken> LiveAnswers::take(std::chrono::milliseconds wait) {
  std::unique_lock<std::mutex> held(guard_);
  come_.wait_for(held, wait, [this] { return !taken_.empty(); });
  if (taken_.empty()) return {};
  Taken first = std::move(taken_.front());
  taken_.erase(taken_.begin());
  held.unlock();
  calls_.erase(first.key);
  return first;
}

}  // namespace kbench
