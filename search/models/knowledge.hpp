#pragma once

#include <string>

namespace kbench {

// Notes for prompts: of knowledge/LANGUAGE in the data folder the files hardware.md and
// CATEGORY.md, where they are there; each is replaced by its namesake under `own`/knowledge.
std::string knowledge_of(const std::string& language, const std::string& category,
                         const std::string& own);

}  // namespace kbench
