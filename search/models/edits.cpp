#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "core/text.hpp"
#include "search/models/reply.hpp"

namespace kbench {

namespace {

using Lines = std::vector<std::string>;

struct Edit {
  Lines search, replace;
};

enum class Mark { none, search, middle, end };

Mark mark_of(std::string_view line) {
  line = trim(line);
  if (line.starts_with("<<<<<<<") && line.ends_with("SEARCH")) return Mark::search;
  if (line == "=======") return Mark::middle;
  if (line.starts_with(">>>>>>>") && line.ends_with("REPLACE")) return Mark::end;
  return Mark::none;
}

Answered<std::vector<Edit>> edits_of(std::string_view reply) {
  std::vector<Edit> edits;
  Mark part = Mark::none;
  for (std::string& line : split(reply, '\n')) {
    const Mark mark = mark_of(line);
    const bool in_order = (mark == Mark::search && part == Mark::none) ||
                          (mark == Mark::middle && part == Mark::search) ||
                          (mark == Mark::end && part == Mark::middle);
    if (in_order) {
      if (mark == Mark::search) edits.emplace_back();
      part = mark == Mark::end ? Mark::none : mark;
    } else if (part != Mark::none && (mark == Mark::search || mark == Mark::end)) {
      break;  // seen below as an edit without its end
    } else if (part == Mark::search) {
      edits.back().search.push_back(std::move(line));
    } else if (part == Mark::middle) {
      edits.back().replace.push_back(std::move(line));
    }
  }
  if (part != Mark::none) {
    return miss(ModelFailure::patch_mismatch,
                fmt::format("edit {} is not complete: SEARCH, =======, REPLACE", edits.size()));
  }
  return edits;
}

// 2 |pairs in both| / |pairs|, over pairs of neighbouring characters (Dice 1945).
double likeness(std::string_view a, std::string_view b) {
  a = trim(a);
  b = trim(b);
  if (a == b) return 1;
  if (a.size() < 2 || b.size() < 2) return 0;
  std::unordered_map<int, int> pairs;
  auto pair = [](std::string_view text, size_t at) {
    return static_cast<unsigned char>(text[at]) * 256 + static_cast<unsigned char>(text[at + 1]);
  };
  for (size_t i = 0; i + 1 < a.size(); ++i) ++pairs[pair(a, i)];
  int common = 0;
  for (size_t i = 0; i + 1 < b.size(); ++i) common += pairs[pair(b, i)]-- > 0 ? 1 : 0;
  return 2.0 * common / static_cast<double>(a.size() + b.size() - 2);
}

std::string nearest(const Lines& text, const Lines& search) {
  double best = -1;
  size_t best_at = 0;
  const size_t height = std::min(search.size(), text.size());
  for (size_t at = 0; at + height <= text.size(); ++at) {
    double sum = 0;
    for (size_t i = 0; i < height; ++i) sum += likeness(text[at + i], search[i]);
    if (sum <= best) continue;
    best = sum;
    best_at = at;
  }
  const auto from = text.begin() + static_cast<ptrdiff_t>(best_at);
  return join(Lines(from, from + static_cast<ptrdiff_t>(height)), "\n");
}

Answered<void> apply(const Edit& edit, size_t number, Lines& text) {
  if (edit.search.empty()) {
    return miss(ModelFailure::patch_mismatch, fmt::format("edit {} searches for nothing", number));
  }
  std::vector<Lines::iterator> found;
  for (auto at = text.begin();; ++at) {
    at = std::search(at, text.end(), edit.search.begin(), edit.search.end());
    if (at == text.end()) break;
    found.push_back(at);
  }
  if (found.size() > 1) {
    return miss(
        ModelFailure::patch_mismatch,
        fmt::format("edit {} matches {} places; give more lines around it", number, found.size()));
  }
  if (found.empty()) {
    return miss(ModelFailure::patch_mismatch,
                fmt::format("edit {} matches nothing; the nearest text is:\n{}", number,
                            nearest(text, edit.search)));
  }
  const auto at = text.erase(found[0], found[0] + static_cast<ptrdiff_t>(edit.search.size()));
  text.insert(at, edit.replace.begin(), edit.replace.end());
  return {};
}

}  // namespace

bool has_edits(std::string_view text) {
  const Lines lines = split(text, '\n');
  return std::any_of(lines.begin(), lines.end(),
                     [](const std::string& line) { return mark_of(line) == Mark::search; });
}

Answered<std::string> apply_edits(std::string_view reply, const std::string& parent) {
  auto edits = edits_of(reply);
  if (!edits) return tl::unexpected(edits.error());
  Lines text = split(parent, '\n');
  for (size_t i = 0; i < edits->size(); ++i) {
    if (auto applied = apply((*edits)[i], i + 1, text); !applied) {
      return tl::unexpected(applied.error());
    }
  }
  return join(text, "\n");
}

}  // namespace kbench
