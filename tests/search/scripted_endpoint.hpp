#pragma once

#include <httplib.h>

#include <deque>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace kbench::scripted {

// A server on loopback that answers each request with the next of its answers, and remembers what
// it was sent.
class EndpointServer {
 public:
  using Answer = std::function<void(const httplib::Request&, httplib::Response&)>;

  explicit EndpointServer(std::deque<Answer> answers = {}) : answers_(std::move(answers)) {
    server_.Post(".*", [this](const httplib::Request& request, httplib::Response& response) {
      Answer answer;
      {
        const std::lock_guard<std::mutex> held(guard_);
        requests_.push_back(request);
        answer = always.get();
        if (!answers_.empty()) {
          answer = answers_.front();
          answers_.pop_front();
        }
      }
      if (answer) {
        answer(request, response);
      } else {
        response.status = 410;
      }
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~EndpointServer() {
    server_.stop();
    thread_.join();
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }
  std::vector<httplib::Request> requests() {
    const std::lock_guard<std::mutex> held(guard_);
    return requests_;
  }
  std::vector<nlohmann::json> bodies() {
    std::vector<nlohmann::json> bodies;
    for (const auto& request : requests()) bodies.push_back(nlohmann::json::parse(request.body));
    return bodies;
  }

  // May be given while requests are served.
  class LockedAnswer {
   public:
    LockedAnswer& operator=(Answer answer) {
      const std::lock_guard<std::mutex> held(guard_);
      answer_ = std::move(answer);
      return *this;
    }
    Answer get() {
      const std::lock_guard<std::mutex> held(guard_);
      return answer_;
    }

   private:
    std::mutex guard_;
    Answer answer_;
  };
  LockedAnswer always;  // once the answers are used up

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  std::mutex guard_;
  std::deque<Answer> answers_;
  std::vector<httplib::Request> requests_;
};

inline EndpointServer::Answer with(int status, const std::string& body,
                                   const std::string& retry_after = {}) {
  return [=](const httplib::Request&, httplib::Response& response) {
    response.status = status;
    if (!retry_after.empty()) response.set_header("Retry-After", retry_after);
    response.set_content(body, "application/json");
  };
}

// A chat completion; `text` null: content is JSON's null.
inline std::string completion(const nlohmann::json& text, const std::string& finish = "stop") {
  return nlohmann::json{{"choices",
                         {{{"index", 0},
                           {"finish_reason", finish},
                           {"message", {{"role", "assistant"}, {"content", text}}}}}},
                        {"usage", {{"prompt_tokens", 100}, {"completion_tokens", 20}}}}
      .dump();
}
inline EndpointServer::Answer says(const nlohmann::json& text, const std::string& finish = "stop") {
  return with(200, completion(text, finish));
}

}  // namespace kbench::scripted
