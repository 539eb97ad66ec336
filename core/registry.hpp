#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/text.hpp"

namespace kbench {

// Named implementations that register themselves from their own source file:
//   static const bool registered = strategies().add("genetic", {...});
template <class T>
class Registry {
 public:
  explicit Registry(std::string kind) : kind_(std::move(kind)) {}

  // A duplicate is a programming error and ends the process.
  bool add(const std::string& name, T entry) {
    if (!entries_.emplace(name, std::move(entry)).second) {
      std::fprintf(stderr, "kbench: %s '%s' is registered twice\n", kind_.c_str(), name.c_str());
      std::abort();
    }
    return true;
  }
  Result<const T*> find(std::string_view name) const {
    auto found = entries_.find(name);
    if (found != entries_.end()) return &found->second;
    return bad_input("unknown " + kind_ + " '" + std::string(name) + "'", {},
                     suggestion(name, names()));
  }
  std::vector<std::string> names() const {
    std::vector<std::string> sorted;
    for (const auto& [name, entry] : entries_) sorted.push_back(name);
    return sorted;
  }
  const std::map<std::string, T, std::less<>>& entries() const { return entries_; }

 private:
  std::string kind_;
  std::map<std::string, T, std::less<>> entries_;
};

}  // namespace kbench
