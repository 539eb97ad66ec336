#pragma once

#include <span>
#include <vector>

namespace kbench {

// One message on a unix seqpacket socket with descriptors beside it. send: false when the other end
// is gone. receive: bytes read, 0 at the end, -1 on failure; descriptors arrive close-on-exec.
bool send_message(int socket, std::span<const char> bytes, std::span<const int> descriptors);
int receive_message(int socket, std::span<char> bytes, std::vector<int>& descriptors);

}  // namespace kbench
