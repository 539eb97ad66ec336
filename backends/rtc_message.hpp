#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

namespace kbench {

// kbench and kbench-compiler talk over a stream socket in CBOR, each message behind its length in
// eight bytes.
//
// kbench-compiler first says {library, targets} or {error}. Asked {target, source, name, options,
// functions, headers, limit_ms} it answers {status, log, image, names, milliseconds}; asked {probe:
// targets, limit_ms} it answers {targets}: those for which an empty kernel compiles.
bool send_map(int socket, const nlohmann::json& map);
// None when the other end is gone or says something else than a map.
std::optional<nlohmann::json> receive_map(int socket);

// Where kbench-compiler finds the socket.
inline constexpr int kRtcSocket = 3;

}  // namespace kbench
