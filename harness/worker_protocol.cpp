#include "harness/worker_protocol.hpp"

#include <linux/futex.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

namespace kbench {

namespace {

// Plain values and vectors of them, one after the other; both ends are the same build.
class Encoder {
 public:
  template <class T>
  void value(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  template <class T>
  void values(const std::vector<T>& values) {
    value(values.size());
    for (const T& each : values) value(each);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  T value() {
    T value;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  template <class T>
  std::vector<T> values() {
    std::vector<T> values(value<size_t>());
    for (T& each : values) each = value<T>();
    return values;
  }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

void encode_calls(Encoder& out, const std::vector<PlannedCall>& calls) {
  out.value(calls.size());
  for (const PlannedCall& call : calls) {
    out.value(call.stub);
    out.values(call.arguments);
  }
}

std::vector<PlannedCall> decode_calls(Decoder& in) {
  std::vector<PlannedCall> calls(in.value<size_t>());
  for (PlannedCall& call : calls) {
    call.stub = in.value<int>();
    call.arguments = in.values<PlannedArgument>();
  }
  return calls;
}

long futex(const std::atomic<uint32_t>& word, int operation, uint32_t value,
           const timespec* limit) {
  return syscall(SYS_futex, reinterpret_cast<const uint32_t*>(&word), operation, value, limit,
                 nullptr, 0);
}

}  // namespace

std::string encode(const LoadMessage& message) {
  Encoder out;
  out.value(message.memory.regions.size());
  for (const auto& regions : message.memory.regions) out.values(regions);
  out.values(message.memory.plan_of_set);
  out.value(message.limits.address_space_bytes);
  out.value(message.limits.threads);
  out.values(message.limits.cpus);
  out.value(message.plans.size());
  for (const LaunchPlan& plan : message.plans) {
    out.value(plan.stubs.size());
    out.values(plan.zeroed);
    encode_calls(out, plan.prepare);
    encode_calls(out, plan.calls);
  }
  out.value(message.is_reference);
  out.values(message.value_offsets);
  out.values(message.scale_offsets);
  out.values(message.dims);
  out.values(message.scalars);
  return out.take();
}

LoadMessage decode_load_message(std::string_view bytes) {
  Decoder in(bytes);
  LoadMessage message;
  message.memory.regions.resize(in.value<size_t>());
  for (auto& regions : message.memory.regions) regions = in.values<Region>();
  message.memory.plan_of_set = in.values<int>();
  message.limits.address_space_bytes = in.value<size_t>();
  message.limits.threads = in.value<int>();
  message.limits.cpus = in.values<int>();
  message.plans.resize(in.value<size_t>());
  for (LaunchPlan& plan : message.plans) {
    plan.stubs.resize(in.value<size_t>());
    plan.zeroed = in.values<int>();
    plan.prepare = decode_calls(in);
    plan.calls = decode_calls(in);
  }
  message.is_reference = in.value<bool>();
  message.value_offsets = in.values<size_t>();
  message.scale_offsets = in.values<size_t>();
  message.dims = in.values<int64_t>();
  message.scalars = in.values<double>();
  return message;
}

bool send_message(int socket, const void* data, size_t bytes, const int* descriptors,
                  size_t count) {
  iovec part{const_cast<void*>(data), bytes};
  alignas(cmsghdr) char ancillary[CMSG_SPACE(8 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = ancillary;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
  }
  while (true) {
    const ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent >= 0 || errno != EINTR) return sent == static_cast<ssize_t>(bytes);
  }
}

bool receive_message(int socket, void* data, size_t bytes, int* descriptors, size_t count) {
  iovec part{data, bytes};
  alignas(cmsghdr) char ancillary[CMSG_SPACE(8 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = ancillary;
  message.msg_controllen = sizeof ancillary;
  ssize_t got = 0;
  do {
    got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  for (size_t i = 0; i < count; ++i) descriptors[i] = -1;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    const size_t given = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::memcpy(descriptors, CMSG_DATA(header), std::min(given, count) * sizeof(int));
  }
  return got == static_cast<ssize_t>(bytes);
}

void wait_while(const std::atomic<uint32_t>& word, uint32_t seen, int64_t nanoseconds) {
  const timespec limit{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  if (word.load(std::memory_order_acquire) == seen) futex(word, FUTEX_WAIT, seen, &limit);
}

void wake(const std::atomic<uint32_t>& word) {
  futex(word, FUTEX_WAKE, INT_MAX, nullptr);
}

}  // namespace kbench
