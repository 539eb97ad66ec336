#include "cli/mcp_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "harness/environment.hpp"

namespace kbench {

using nlohmann::json;

namespace {

// JSON-RPC 2.0, section 5.1.
constexpr int kParseError = -32700, kInvalidRequest = -32600, kMethodNotFound = -32601,
              kInvalidParams = -32602;
constexpr std::array<std::string_view, 3> kRevisions = {"2024-11-05", "2025-03-26", "2025-06-18"};
constexpr std::string_view kWithBatches = "2025-03-26";
constexpr size_t kMostWaiting = 16, kMostInBatch = 64;

constexpr const char* kInstructions =
    "kbench proves compute kernels right and times them so that the number can be believed. "
    "list_tasks and describe_task say what can be written and how; evaluate judges a source and "
    "says what is wrong with it; compare tells which of two is faster. A speed-up counts when "
    "evaluate with confirm says so. Ask for one evaluation at a time: they are judged in turn.";

json result_of(const json& id, json result) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}

json description_of(const McpTool& tool) {
  return {{"name", tool.name},
          {"title", tool.title},
          {"description", tool.description},
          {"inputSchema", tool.input},
          {"annotations",
           {{"title", tool.title},
            {"readOnlyHint", !tool.writes},
            {"destructiveHint", false},
            {"openWorldHint", false}}}};
}

bool is_id(const json& id) {
  return id.is_string() || id.is_number_integer();
}

}  // namespace

McpSession::McpSession(McpBench& bench, Send send)
    : bench_(bench),
      send_(std::move(send)),
      running_(json::value_t::discarded),
      worker_([this] { work(); }) {}

McpSession::~McpSession() {
  finish();
}

void McpSession::finish() {
  {
    const std::lock_guard lock(guard_);
    ending_ = true;
  }
  changed_.notify_all();
  if (worker_.joinable()) worker_.join();
}

void McpSession::receive_too_long(size_t longest) {
  fail(nullptr, kInvalidRequest, fmt::format("a message has at most {} bytes", longest));
}

void McpSession::receive(const std::string& line) {
  if (trim(line).empty()) return;
  const json message = json::parse(line, nullptr, false);
  if (message.is_discarded()) return fail(nullptr, kParseError, "this is no JSON in UTF-8");
  if (!message.is_array()) return handle(message, nullptr);
  if (revision_ != kWithBatches || message.empty() || message.size() > kMostInBatch) {
    return fail(nullptr, kInvalidRequest,
                fmt::format("batches of 1 to {} messages are for revision {} only", kMostInBatch,
                            kWithBatches));
  }
  auto batch = std::make_shared<Batch>();
  batch->open = 1;  // until all of it was read
  for (const json& one : message) {
    {
      const std::lock_guard lock(guard_);
      ++batch->open;
    }
    handle(one, batch);
  }
  close(batch);
}

void McpSession::handle(const json& message, const std::shared_ptr<Batch>& batch) {
  if (!message.is_object() || message.value("jsonrpc", json()) != "2.0") {
    return fail(nullptr, kInvalidRequest, "this is no JSON-RPC 2.0 message", batch);
  }
  const json id = message.value("id", json());
  if (!message.contains("method") && (message.contains("result") || message.contains("error"))) {
    return close(batch);  // an answer: nothing was asked of the client
  }
  const json method = message.value("method", json()),
             params = message.value("params", json::object());
  if (!method.is_string() || !params.is_object() || (message.contains("id") && !is_id(id))) {
    return fail(is_id(id) ? id : json(), kInvalidRequest,
                "method is a text, params an object, id a text or a whole number", batch);
  }
  if (message.contains("id")) return handle_request(method, id, params, batch);
  handle_notification(method, params);
  close(batch);
}

void McpSession::handle_request(const std::string& method, const json& id, const json& params,
                                const std::shared_ptr<Batch>& batch) {
  if (method == "ping") return answer(result_of(id, json::object()), batch);
  if (method == "initialize") {
    if (!revision_.empty()) return fail(id, kInvalidRequest, "initialized already", batch);
    if (!params.value("protocolVersion", json()).is_string()) {
      return fail(id, kInvalidParams, "protocolVersion is missing", batch);
    }
    return answer(result_of(id, initialized(params)), batch);
  }
  if (revision_.empty()) return fail(id, kInvalidRequest, "initialize comes first", batch);
  if (method == "tools/list") {
    if (params.contains("cursor")) return fail(id, kInvalidParams, "there is one page", batch);
    json list = json::array();
    for (const McpTool& tool : mcp_tools()) list.push_back(description_of(tool));
    return answer(result_of(id, {{"tools", std::move(list)}}), batch);
  }
  if (method == "tools/call") return call_tool(id, params, batch);
  fail(id, kMethodNotFound, fmt::format("there is no method '{}'", as_text(method)), batch);
}

// The revision asked for where it is known, else the newest: a client that cannot do with it goes.
json McpSession::initialized(const json& params) {
  const std::string asked = params.at("protocolVersion");
  const bool known = std::find(kRevisions.begin(), kRevisions.end(), asked) != kRevisions.end();
  revision_ = known ? asked : std::string(kRevisions.back());
  return {{"protocolVersion", revision_},
          {"capabilities", {{"tools", {{"listChanged", false}}}}},
          {"serverInfo", {{"name", "kbench"}, {"title", "kbench"}, {"version", kbench_version()}}},
          {"instructions", kInstructions}};
}

void McpSession::handle_notification(const std::string& method, const json& params) {
  if (method == "notifications/cancelled") cancel(params.value("requestId", json()));
}

void McpSession::call_tool(const json& id, const json& params,
                           const std::shared_ptr<Batch>& batch) {
  const json name = params.value("name", json());
  const json arguments = params.value("arguments", json::object());
  if (!name.is_string() || !arguments.is_object()) {
    return fail(id, kInvalidParams, "name is a text, arguments an object", batch);
  }
  const auto& tools = mcp_tools();
  const auto tool = std::find_if(tools.begin(), tools.end(),
                                 [&](const McpTool& one) { return one.name == name; });
  if (tool == tools.end()) {
    std::vector<std::string> names;
    for (const McpTool& one : tools) names.push_back(one.name);
    return fail(id, kInvalidParams,
                fmt::format("there is no tool '{}' ({})", as_text(name.get<std::string>()),
                            suggestion(name.get<std::string>(), names)),
                batch);
  }
  if (auto right = check_arguments(*tool, arguments); !right) {
    return fail(id, kInvalidParams, right.error().text(), batch);
  }
  const json meta = params.value("_meta", json::object());
  json token = meta.is_object() ? meta.value("progressToken", json()) : json();
  if (!is_id(token)) token = nullptr;
  std::unique_lock lock(guard_);
  const bool known = running_ == id || std::any_of(waiting_.begin(), waiting_.end(),
                                                   [&](const Call& call) { return call.id == id; });
  const bool room = waiting_.size() < kMostWaiting;
  if (known || !room) {
    lock.unlock();
    return fail(id, kInvalidRequest,
                known ? "this id is in use" : "too many calls wait: one at a time", batch);
  }
  waiting_.push_back({id, std::move(token), &*tool, arguments, batch});
  changed_.notify_all();
}

// What waits is never begun; what runs comes to its end, and its answer is dropped.
void McpSession::cancel(const json& id) {
  std::shared_ptr<Batch> batch;
  {
    const std::lock_guard lock(guard_);
    if (!running_.is_discarded() && running_ == id) dropped_ = true;
    const auto call = std::find_if(waiting_.begin(), waiting_.end(),
                                   [&](const Call& one) { return one.id == id; });
    if (call == waiting_.end()) return;
    batch = call->batch;
    waiting_.erase(call);
  }
  close(batch);
}

void McpSession::work() {
  for (;;) {
    Call call;
    {
      std::unique_lock lock(guard_);
      changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      call = std::move(waiting_.front());
      waiting_.pop_front();
      running_ = call.id;
      dropped_ = false;
    }
    const json message = run(call);
    bool dropped = false;
    {
      const std::lock_guard lock(guard_);
      running_ = json(json::value_t::discarded);
      dropped = dropped_;
    }
    dropped ? close(call.batch) : answer(message, call.batch);
  }
}

json McpSession::run(const Call& call) {
  const McpProgress progress = [&](int done, int total, const std::string& what) {
    if (call.token.is_null()) return;
    json params = {{"progressToken", call.token}, {"progress", done}, {"total", total}};
    if (revision_ != kRevisions.front()) params["message"] = what;
    const std::lock_guard lock(guard_);
    if (!dropped_) {
      send_({{"jsonrpc", "2.0"}, {"method", "notifications/progress"}, {"params", params}});
    }
  };
  Result<json> found = call.tool->call(bench_, call.arguments, progress);
  json result = {{"isError", !found}};
  const std::string text =
      found ? found->dump(1, ' ', false, json::error_handler_t::replace) : found.error().text();
  result["content"] = json::array({{{"type", "text"}, {"text", as_text(text)}}});
  if (found) result["structuredContent"] = std::move(*found);
  if (found) progress(1, 1, "done");
  return result_of(call.id, std::move(result));
}

void McpSession::fail(const json& id, int code, const std::string& what,
                      const std::shared_ptr<Batch>& batch) {
  answer({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", what}}}}, batch);
}

void McpSession::answer(const json& message, const std::shared_ptr<Batch>& batch) {
  {
    const std::lock_guard lock(guard_);
    if (batch) {
      batch->answers.push_back(message);
    } else {
      send_(message);
    }
  }
  close(batch);
}

// One of the batch is done with.
void McpSession::close(const std::shared_ptr<Batch>& batch) {
  if (!batch) return;
  const std::lock_guard lock(guard_);
  if (--batch->open == 0 && !batch->answers.empty()) send_(batch->answers);
}

}  // namespace kbench
