#include "backends/rtc_message.hpp"

#include <sys/socket.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

namespace kbench {

namespace {

constexpr uint64_t kLargestMessage = uint64_t{256} << 20;

bool send_all(int socket, const void* bytes, size_t count) {
  for (size_t sent = 0; sent < count;) {
    const ssize_t more =
        send(socket, static_cast<const char*>(bytes) + sent, count - sent, MSG_NOSIGNAL);
    if (more <= 0) return false;
    sent += static_cast<size_t>(more);
  }
  return true;
}

bool receive_all(int socket, void* bytes, size_t count) {
  return count == 0 || recv(socket, bytes, count, MSG_WAITALL) == static_cast<ssize_t>(count);
}

}  // namespace

bool send_map(int socket, const nlohmann::json& map) {
  const std::vector<uint8_t> bytes = nlohmann::json::to_cbor(map);
  const uint64_t length = bytes.size();
  return send_all(socket, &length, sizeof length) && send_all(socket, bytes.data(), bytes.size());
}

std::optional<nlohmann::json> receive_map(int socket) {
  uint64_t length = 0;
  if (!receive_all(socket, &length, sizeof length) || length > kLargestMessage) return std::nullopt;
  std::vector<uint8_t> bytes(length);
  if (!receive_all(socket, bytes.data(), bytes.size())) return std::nullopt;
  auto map = nlohmann::json::from_cbor(bytes, true, false);
  if (!map.is_object()) return std::nullopt;
  return map;
}

}  // namespace kbench
