#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>

#include "cli/mcp_tools.hpp"

namespace kbench {

// One client of the Model Context Protocol, revisions 2024-11-05, 2025-03-26 and 2025-06-18. Tools
// run one after the other on a thread of their own, so that pings and cancellations are answered
// meanwhile. receive() and finish() are for one thread; `send` is called with one message at a
// time, from either.
class McpSession {
 public:
  using Send = std::function<void(const nlohmann::json&)>;
  McpSession(McpBench& bench, Send send);
  ~McpSession();

  // A line from the client.
  void receive(const std::string& line);
  void receive_too_long(size_t longest);
  // Waits until every call was answered.
  void finish();

 private:
  // Answers of one batch (2025-03-26) go out together, when the last of them is there.
  struct Batch {
    size_t open = 0;
    nlohmann::json answers = nlohmann::json::array();
  };
  struct Call {
    nlohmann::json id, token;
    const McpTool* tool = nullptr;
    nlohmann::json arguments;
    std::shared_ptr<Batch> batch;
  };

  void handle(const nlohmann::json& message, const std::shared_ptr<Batch>& batch);
  void handle_request(const std::string& method, const nlohmann::json& id,
                      const nlohmann::json& params, const std::shared_ptr<Batch>& batch);
  void handle_notification(const std::string& method, const nlohmann::json& params);
  nlohmann::json initialized(const nlohmann::json& params);
  void call_tool(const nlohmann::json& id, const nlohmann::json& params,
                 const std::shared_ptr<Batch>& batch);
  void cancel(const nlohmann::json& id);

  void work();
  nlohmann::json run(const Call& call);
  void answer(const nlohmann::json& message, const std::shared_ptr<Batch>& batch);
  void fail(const nlohmann::json& id, int code, const std::string& what,
            const std::shared_ptr<Batch>& batch = nullptr);
  void close(const std::shared_ptr<Batch>& batch);

  McpBench& bench_;
  Send send_;
  std::string revision_;  // empty before `initialize`

  std::mutex guard_;  // of all below, and of sending
  std::condition_variable changed_;
  std::deque<Call> waiting_;
  nlohmann::json running_;  // the id of the call that runs; discarded: none
  bool dropped_ = false;    // the one that runs was cancelled
  bool ending_ = false;
  std::thread worker_;
};

}  // namespace kbench
