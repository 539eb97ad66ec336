#pragma once

#include <coroutine>
#include <exception>
#include <list>
#include <utility>

#include "search/memory.hpp"

namespace kbench {

// A search written as one sequence of steps: a coroutine that never returns and awaits the value of
// each configuration it wants to know.
class Walk {
 public:
  struct promise_type {
    Walk get_return_object() {
      return Walk(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };

  Walk(Walk&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Walk& operator=(Walk&&) = delete;
  ~Walk() {
    if (handle_) handle_.destroy();
  }
  void resume() { handle_.resume(); }

 private:
  explicit Walk(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// Strategy made of walks. An answer comes a few asks late, and a walk that waits cannot ask: so as
// many walks run as the pipeline is deep, in turn, and share what they learn. A configuration known
// already is answered at once and costs nothing.
class Walks : public Strategy {
 public:
  // `count`: walks from the start (members of a population); more start only when all of them wait.
  Walks(const Space& space, uint64_t seed, size_t count = 1)
      : memory_(space, seed), count_(count) {}

  std::optional<Configuration> ask() final;
  void tell(const Observation& observation) final;

 protected:
  struct Answer {
    Walks& walks;
    Configuration wanted;
    bool await_ready() { return walks.answers_at_once(wanted); }
    void await_suspend(std::coroutine_handle<>) { walks.wanted_ = std::move(wanted); }
    double await_resume() { return walks.answer_; }
  };

  // Begins with memory().fresh(), so that a new walk always has something to ask.
  virtual Walk walk() = 0;
  // `co_await value(x)`: the time of x, infinity where it fails.
  Answer value(const Configuration& configuration) { return {*this, configuration}; }
  Memory& memory() { return memory_; }
  const Space& space() const { return memory_.space(); }
  std::mt19937_64& random() { return memory_.random(); }

 private:
  struct Lane {
    Walk walk;
    Configuration waits_for = {};
    bool waits = false;
    bool detour = false;  // has its answer already, waits only for its turn
    double answer = 0;
  };

  bool answers_at_once(const Configuration& configuration);
  Lane& next_lane();

  Memory memory_;
  size_t count_;
  std::list<Lane> lanes_;  // in turn: the front is next
  Configuration wanted_;
  double answer_ = 0;
  int answers_in_a_row_ = 0;
};

}  // namespace kbench
