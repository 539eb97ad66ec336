#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "search/models/endpoint.hpp"
#include "search/models/http.hpp"

namespace kbench {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstWait{1'000}, kLongestWait{60'000};
// A server that asks for more than this is left alone.
constexpr milliseconds kMostPatience{600'000};

bool turned_away(int status) {
  return status == 429 || status == 503 || status == 529;
}

// Seconds or a date, as RFC 9110 has it; none: neither.
std::optional<milliseconds> retry_after(const HttpReply& reply) {
  const auto found = reply.headers.find("retry-after");
  if (found == reply.headers.end()) return {};
  if (auto seconds = parse_number(found->second); seconds && *seconds >= 0) {
    return milliseconds(static_cast<int64_t>(std::min(*seconds, 1e9) * 1000));
  }
  const time_t when = curl_getdate(found->second.c_str(), nullptr);
  if (when < 0) return {};
  return milliseconds(std::max<int64_t>(0, when - std::time(nullptr)) * 1000);
}

// The key for this address: --key-file, $KBENCH_API_KEY, and the vendor's own variable for the
// vendor's own address only.
Result<std::string> key_for(const Codec& codec, const ModelName& model,
                            const std::string& key_file) {
  std::string key;
  if (!key_file.empty()) {
    std::ifstream file(key_file);
    if (!file || !std::getline(file, key)) return bad_input("no key in it", key_file);
  } else if (const char* own = std::getenv("KBENCH_API_KEY")) {
    key = own;
  } else if (const char* vendors = std::getenv(codec.key_variable.c_str());
             vendors != nullptr && model.url.empty()) {
    key = vendors;
  } else if (model.url.empty()) {
    return bad_input("no key for " + model.text(), {},
                     "set " + codec.key_variable + " or name a --key-file");
  }
  key = trim(key);
  const bool printable =
      std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 127; });
  if (!printable) return bad_input("the key for " + model.text() + " is not one word of ASCII");
  return key;
}

class HttpEndpoint final : public Endpoint {
 public:
  HttpEndpoint(Codec codec, ModelName model, EndpointSetup setup, std::string key)
      : codec_(std::move(codec)),
        model_(std::move(model)),
        setup_(std::move(setup)),
        key_(std::move(key)),
        url_((model_.url.empty() ? codec_.default_url : model_.url) + codec_.path) {}

  Exchange ask(const ChatRequest& request) override {
    const auto began = std::chrono::steady_clock::now();
    Exchange exchange;
    milliseconds back_off = kFirstWait;
    bool learned = false;
    while (auto wait = attempt(request, exchange, back_off, learned)) {
      back_off = std::min(2 * back_off, kLongestWait);
      if (wait->count() > 0) setup_.waiting.sleep(*wait);
      if (setup_.stop != nullptr && *setup_.stop) break;
    }
    const auto took = std::chrono::steady_clock::now() - began;
    exchange.milliseconds = std::chrono::duration<double, std::milli>(took).count();
    return exchange;
  }

 private:
  // How long to wait before the next attempt; none: this one was the last.
  std::optional<milliseconds> attempt(const ChatRequest& request, Exchange& exchange,
                                      milliseconds back_off, bool& learned) {
    Profile used = profile();
    exchange.request = codec_.encode(model_.name, request, used)
                           .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    ++exchange.attempts;
    const bool last = exchange.attempts >= setup_.attempts;
    auto sent = http_post({url_, headers(), exchange.request, setup_.limit});
    const milliseconds jittered(static_cast<int64_t>(static_cast<double>(back_off.count()) *
                                                     (0.5 + setup_.waiting.random() / 2)));
    if (!sent) {
      exchange.response = without_key(sent.error().body);
      exchange.delivered = sent.error().delivered;
      exchange.reply = miss(ModelFailure::transport, without_key(sent.error().message));
      if (exchange.delivered || last) return {};
      return jittered;
    }
    exchange.response = without_key(sent->body);
    exchange.delivered = sent->status == 200 || sent->status >= 500;
    if (sent->status == 200) {
      exchange.reply = decode(exchange);
      return {};
    }
    Miss failed = endpoint_error(sent->status, exchange.response);
    exchange.reply = tl::unexpected(failed);
    if (sent->status == 400 && !learned) {
      learned = learn_from(used, exchange.response);
      if (learned) return milliseconds(0);
    }
    if (!turned_away(sent->status) || failed.kind == ModelFailure::quota) return {};
    exchange.delivered = false;
    const auto asked = retry_after(*sent);
    if (last || (asked && *asked > kMostPatience)) return {};
    return asked ? *asked + jittered / 10 : jittered;
  }

  Answered<ChatReply> decode(Exchange& exchange) const {
    const auto json = nlohmann::json::parse(exchange.response, nullptr, false);
    if (!json.is_object()) return miss(ModelFailure::transport, "the reply is no JSON object");
    if (const auto error = json.find("error"); error != json.end() && !error->is_null()) {
      return tl::unexpected(endpoint_error(500, exchange.response));
    }
    try {
      return codec_.decode(json, exchange.use);
    } catch (const nlohmann::json::exception& problem) {
      return miss(ModelFailure::transport, std::string("the reply's form: ") + problem.what());
    }
  }

  std::vector<std::string> headers() const {
    std::vector<std::string> lines = codec_.headers(key_);
    lines.emplace_back("content-type: application/json");
    return lines;
  }

  Profile profile() const {
    const std::lock_guard<std::mutex> held(guard_);
    return profile_;
  }

  // Another call may have learned it in the meantime, which is as good.
  bool learn_from(Profile used, const std::string& body) {
    if (!learn(used, body)) return false;
    const std::lock_guard<std::mutex> held(guard_);
    profile_.dropped.insert(used.dropped.begin(), used.dropped.end());
    profile_.max_completion_tokens |= used.max_completion_tokens;
    return true;
  }

  // Some servers quote a wrong key in their message.
  std::string without_key(std::string text) const {
    if (key_.empty()) return text;
    for (size_t at = text.find(key_); at != std::string::npos; at = text.find(key_, at)) {
      text.replace(at, key_.size(), "[key]");
    }
    return text;
  }

  Codec codec_;
  ModelName model_;
  EndpointSetup setup_;
  std::string key_, url_;
  mutable std::mutex guard_;
  Profile profile_;
};

}  // namespace

Result<std::unique_ptr<Endpoint>> http_endpoint(const Codec& codec, const ModelName& model,
                                                const EndpointSetup& setup) {
  auto key = key_for(codec, model, setup.key_file);
  if (!key) return tl::unexpected(key.error());
  return std::make_unique<HttpEndpoint>(codec, model, setup, std::move(*key));
}

}  // namespace kbench
