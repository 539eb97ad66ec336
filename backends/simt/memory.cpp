// Where device memory lies, and the room for what is known of its words.

#include <link.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "schedule.hpp"
#include "shadow.hpp"

namespace kbench_simt {

Shadowed shared_memory, global_memory, image_memory;

// Dynamic shared memory lies behind the static variables, so that shared memory
// is one stretch (shared.ld, which also sets the two marks).
alignas(kSharedWindow)
    [[gnu::section(".bss.kbench_dynamic")]] unsigned char dynamic_shared[kDynamicShared];
extern "C" [[gnu::visibility("hidden")]] unsigned char kbench_shared_begin[], kbench_shared_end[];

namespace {

constexpr int kPoison = 0xff;  // a NaN in every floating-point type

const Range* ranges = nullptr;
size_t range_count = 0;
const Range* last_range = nullptr;
uint64_t image_base = 0;
size_t static_bytes = 0, dynamic_bytes = 0;
std::vector<uint32_t> block_of_phase = {0};

void* pages(size_t bytes) {
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return mapped == MAP_FAILED ? nullptr : mapped;
}

Shadowed shadowed(uint64_t base, uint64_t bytes, bool shared) {
  const uint64_t words = (bytes + kWord - 1) / kWord;
  constexpr uint64_t kVector = 4;  // may begin at the last word
  auto* cells = static_cast<Cell*>(pages((words + kVector) * sizeof(Cell)));
  auto* keys = static_cast<uint64_t*>(pages((words + kVector) * sizeof(uint64_t)));
  if (cells == nullptr || keys == nullptr) {
    Defect defect{"resource_limit", "memory", "no memory for the shadow of the device's"};
    report(defect);
  }
  return {base & ~(kWord - 1), bytes, words, cells, keys, shared};
}

int find_image(dl_phdr_info* info, size_t, void*) {
  const auto here = reinterpret_cast<uint64_t>(&running);
  bool ours = false;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    const uint64_t begin = info->dlpi_addr + part.p_vaddr;
    ours = ours || (part.p_type == PT_LOAD && here - begin < part.p_memsz);
  }
  if (!ours) return 0;
  image_base = info->dlpi_addr;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type == PT_LOAD && (part.p_flags & PF_W) != 0) {
      image_memory = shadowed(info->dlpi_addr + part.p_vaddr, part.p_memsz, false);
    }
  }
  return 1;
}

}  // namespace

void shadow_global(uint64_t base, uint64_t bytes, const Range* sorted, size_t count) {
  global_memory = shadowed(base, bytes, false);
  ranges = sorted;
  range_count = count;
}

void shadow_image() {
  dl_iterate_phdr(find_image, nullptr);
  static_bytes = static_cast<size_t>(kbench_shared_end - kbench_shared_begin);
  const auto begin = reinterpret_cast<uint64_t>(kbench_shared_begin);
  const auto end = reinterpret_cast<uint64_t>(dynamic_shared) + kDynamicShared;
  shared_memory = shadowed(begin, end - begin, true);
}

// The last range that begins at or before the address, if it holds all of the
// access.
bool within_a_tensor(uint64_t address, uint64_t bytes) {
  const Range* last = last_range;
  if (last != nullptr && address - last->address < last->bytes) {
    return address - last->address + bytes <= last->bytes;
  }
  const Range* after =
      std::upper_bound(ranges, ranges + range_count, address,
                       [](uint64_t at, const Range& it) { return at < it.address; });
  if (after == ranges) return false;
  last_range = after - 1;
  return address - last_range->address < last_range->bytes &&
         address - last_range->address + bytes <= last_range->bytes;
}

bool within_shared(uint64_t address, uint64_t bytes) {
  const uint64_t offset = address - reinterpret_cast<uint64_t>(kbench_shared_begin);
  if (offset < static_bytes) return offset + bytes <= static_bytes;
  const uint64_t dynamic = address - reinterpret_cast<uint64_t>(dynamic_shared);
  return dynamic < dynamic_bytes && dynamic + bytes <= dynamic_bytes;
}

void poison_shared(size_t bytes) {
  std::memset(kbench_shared_begin, kPoison, static_bytes);
  std::memset(dynamic_shared, kPoison, bytes);
  dynamic_bytes = bytes;
}

void keep_shared(std::vector<unsigned char>& bytes) {
  bytes.assign(kbench_shared_begin, kbench_shared_begin + static_bytes);
  bytes.insert(bytes.end(), dynamic_shared, dynamic_shared + dynamic_bytes);
}

void restore_shared(const std::vector<unsigned char>& bytes) {
  std::copy_n(bytes.data(), static_bytes, kbench_shared_begin);
  std::copy(bytes.begin() + static_cast<ptrdiff_t>(static_bytes), bytes.end(), dynamic_shared);
}

uint32_t next_phase(uint32_t block) {
  block_of_phase.push_back(block);
  return static_cast<uint32_t>(block_of_phase.size() - 1);
}

uint32_t block_of(uint32_t phase) {
  return block_of_phase[phase];
}

uint32_t code_of(const void* return_address) {
  return static_cast<uint32_t>(reinterpret_cast<uint64_t>(return_address) - image_base - 1);
}

}  // namespace kbench_simt
