#pragma once

#include <chrono>
#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace kbench {

struct HttpRequest {
  std::string url;                   // http or https
  std::vector<std::string> headers;  // "name: value"
  std::string body;
  std::chrono::milliseconds limit{600'000};  // from connecting to the last byte
};
struct HttpReply {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};
struct HttpFault {
  std::string message;
  std::string body;       // what had arrived
  bool delivered = true;  // false: the server cannot have seen the request
};

// One POST on a connection of its own: never sent again, no redirect followed (it would carry the
// key elsewhere). Bodies over 16 MiB are a fault. Thread-safe.
tl::expected<HttpReply, HttpFault> http_post(const HttpRequest& request);

}  // namespace kbench
