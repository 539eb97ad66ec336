#include "search/models/knowledge.hpp"

#include <fstream>
#include <sstream>

#include "core/paths.hpp"

namespace kbench {

std::string knowledge_of(const std::string& language, const std::string& category,
                         const std::string& own) {
  std::string notes;
  for (const std::string& name : {std::string("hardware"), category}) {
    const std::string file = "/knowledge/" + language + "/" + name + ".md";
    std::ifstream note(own + file);
    if (own.empty() || !note) note = std::ifstream(data_root() + file);
    std::stringstream text;
    if (note) text << note.rdbuf();
    notes += text.str();
  }
  return notes;
}

}  // namespace kbench
