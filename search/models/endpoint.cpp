#include "search/models/endpoint.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <thread>

namespace kbench {

Result<ModelName> parse_model(const std::string& text) {
  constexpr const char* kForms = "write KIND:NAME or KIND:NAME@URL, as openai:NAME@URL";
  const size_t colon = text.find(':');
  if (colon == std::string::npos || colon + 1 == text.size()) {
    return bad_input("'" + text + "' names no model", "--model", kForms);
  }
  ModelName model{text.substr(0, colon), text.substr(colon + 1), ""};
  if (auto known = endpoints().find(model.kind); !known) return tl::unexpected(known.error());
  if (model.kind == "command") return model;
  const size_t at = model.name.find("@http");
  if (at != std::string::npos) {
    model.url = model.name.substr(at + 1);
    model.name.resize(at);
    while (model.url.ends_with('/')) model.url.pop_back();
  }
  if (model.name.empty()) return bad_input("'" + text + "' names no model", "--model", kForms);
  const size_t host = model.url.find("://");
  if (host != std::string::npos && model.url.find('@') < model.url.find('/', host + 3)) {
    return bad_input("the URL holds a user name or password, which would be stored", "--model",
                     "put the key into the environment or a file (--key-file)");
  }
  return model;
}

Waiting real_waiting(const std::atomic<bool>& stop) {
  auto random = std::make_shared<std::minstd_rand>(std::random_device{}());
  auto guard = std::make_shared<std::mutex>();
  return {[&stop](std::chrono::milliseconds wait) {
            constexpr std::chrono::milliseconds kStep{100};
            for (; wait.count() > 0 && !stop; wait -= kStep) {
              std::this_thread::sleep_for(std::min(wait, kStep));
            }
          },
          [random, guard] {
            const std::lock_guard<std::mutex> held(*guard);
            return static_cast<double>((*random)()) / 2147483648.0;
          }};
}

Registry<EndpointKind>& endpoints() {
  static Registry<EndpointKind> registry("kind of endpoint");
  return registry;
}

Result<std::unique_ptr<Endpoint>> make_endpoint(const ModelName& model,
                                                const EndpointSetup& setup) {
  auto kind = endpoints().find(model.kind);
  if (!kind) return tl::unexpected(kind.error());
  return (*kind)->make(model, setup);
}

}  // namespace kbench
