#pragma once

#include <optional>
#include <string>

#include "backends/compiler.hpp"

namespace kbench {

// A library or program with its size and date, for keys: another version is another one.
std::string identity_of(const std::string& path);

// Compiled images by the hash of all that they depend on. Several processes may share the folder:
// files appear whole, under their final name, or not at all.
class ImageCache {
 public:
  explicit ImageCache(std::string folder) : folder_(std::move(folder)) {}

  std::optional<CompiledImage> find(const std::string& key) const;
  // A folder of its own on the cache's file system for one compilation.
  Result<std::string> scratch() const;
  // Moves scratch/image.so into the cache; its final path goes into image.path.
  Result<void> keep(const std::string& key, const std::string& scratch, CompiledImage& image) const;

 private:
  std::string stem(const std::string& key) const { return folder_ + "/images/" + key; }
  std::string folder_;
};

}  // namespace kbench
