#include "backends/simt_ptx.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <vector>

#include "backends/simt_instructions.hpp"
#include "backends/simt_words.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

// One `asm volatile("..." : outputs : inputs : clobbers)`.
struct Assembly {
  size_t begin = 0, end = 0;  // in the source; the end is behind the last parenthesis
  std::string text;           // the instructions
  Operands operands;          // %0, %1, ...
  std::map<std::string, std::string> named;
};

// The position behind the parenthesis that closes the one at `open`.
size_t closing(const std::string& code, size_t open) {
  int depth = 0;
  for (size_t at = open; at < code.size(); ++at) {
    if (code[at] == '(') ++depth;
    if (code[at] == ')' && --depth == 0) return at + 1;
  }
  return std::string::npos;
}

// [begin, end) cut at each `separator` that no bracket encloses.
std::vector<std::pair<size_t, size_t>> parts(const std::string& code, size_t begin, size_t end,
                                             char separator) {
  std::vector<std::pair<size_t, size_t>> found;
  int depth = 0;
  size_t from = begin;
  for (size_t at = begin; at < end; ++at) {
    const char c = code[at];
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (c != separator || depth != 0) continue;
    found.emplace_back(from, at);
    from = at + 1;
  }
  found.emplace_back(from, end);
  return found;
}

// The adjacent literals of [begin, end) as one text; nothing if something else stands there.
std::optional<std::string> literal(const std::string& source, const std::string& code, size_t begin,
                                   size_t end) {
  std::string text;
  bool inside = false;
  for (size_t at = begin; at < end; ++at) {
    if (code[at] == '"') {
      inside = !inside;
    } else if (inside && source[at] == '\\') {
      ++at;
      text += source[at] == 'n' || source[at] == 't' || source[at] == 'r' ? '\n' : source[at];
    } else if (inside) {
      text += source[at];
    } else if (std::isspace(static_cast<unsigned char>(code[at])) == 0 && code[at] != '\\') {
      return std::nullopt;  // a macro's name, a raw string
    }
  }
  return text;
}

// The expressions of `"=r"(a), [b] "l"(c)`; false if they are not of that form.
bool read_operands(const std::string& code, const std::string& source, size_t begin, size_t end,
                   Assembly& assembly) {
  if (trim(code.substr(begin, end - begin)).empty()) return true;
  for (const auto& [from, to] : parts(code, begin, end, ',')) {
    const size_t constraint = code.find('"', from), open = code.find('(', from);
    if (constraint >= to || open >= to || closing(code, open) > to) return false;
    std::string expression = source.substr(open, closing(code, open) - open);
    std::erase(expression, '\n');
    std::erase(expression, '\\');
    const size_t bracket = code.find('[', from);
    if (bracket < constraint) {
      const size_t close = code.find(']', bracket);
      assembly.named[std::string(trim(code.substr(bracket + 1, close - bracket - 1)))] = expression;
    }
    assembly.operands.push_back(std::move(expression));
  }
  return true;
}

std::optional<Assembly> read_assembly(const std::string& source, const std::string& code,
                                      size_t begin, size_t open) {
  Assembly assembly{begin, closing(code, open), {}, {}, {}};
  if (assembly.end == std::string::npos) return std::nullopt;
  const auto sections = parts(code, open + 1, assembly.end - 1, ':');
  auto text = literal(source, code, sections[0].first, sections[0].second);
  if (!text) return std::nullopt;
  assembly.text = std::move(*text);
  for (size_t i = 1; i < std::min<size_t>(sections.size(), 3); ++i) {
    if (!read_operands(code, source, sections[i].first, sections[i].second, assembly)) {
      return std::nullopt;
    }
  }
  return assembly;
}

// What an operand of an instruction is in C++; vectors and addresses are written in brackets.
std::optional<Operands> in_cpp(const std::string& written, const Assembly& assembly) {
  const std::string word(trim(written));
  if (word.empty()) return Operands{};
  if (word.front() == '{' && word.back() == '}') {
    Operands all;
    for (const auto& [from, to] : parts(word, 1, word.size() - 1, ',')) {
      auto each = in_cpp(word.substr(from, to - from), assembly);
      if (!each) return std::nullopt;
      all.insert(all.end(), each->begin(), each->end());
    }
    return all;
  }
  static const std::regex kAddress(R"(\[\s*(%\[\w+\]|[^\[\]+]+?)\s*(?:\+\s*(\d+))?\s*\])");
  static const std::regex kNumbered(R"(%(\d+))"), kNamed(R"(%\[(\w+)\])");
  static const std::regex kImmediate(R"(-?(?:0[xX][0-9a-fA-F]+|\d+))"),
      kRegister(R"((?:%%)?([A-Za-z_]\w*))");
  static const std::regex kSpecial(R"(%%([a-z]\w*)(?:\.([xyz]))?)"),
      kReal(R"(0[fF]([0-9a-fA-F]{8}))");
  std::smatch match;
  if (std::regex_match(word, match, kNamed)) {
    const auto found = assembly.named.find(match[1]);
    return found == assembly.named.end() ? std::nullopt : std::optional<Operands>({found->second});
  }
  if (std::regex_match(word, match, kAddress)) {
    auto base = in_cpp(match[1], assembly);
    if (!base || !match[2].matched) return base;
    return Operands{"(" + base->front() + " + " + match[2].str() + ")"};
  }
  if (std::regex_match(word, match, kNumbered)) {
    const size_t number = std::stoul(match[1]);
    return number < assembly.operands.size() ? std::optional<Operands>({assembly.operands[number]})
                                             : std::nullopt;
  }
  if (std::regex_match(word, kImmediate)) return Operands{word};
  if (std::regex_match(word, match, kReal)) {
    return Operands{"::kbench_simt::bits_as<float>(0x" + match[1].str() + "u)"};
  }
  if (std::regex_match(word, match, kSpecial) && is_special_register(match[1])) {
    const std::string part = match[2].matched ? "." + match[2].str() : "";
    return Operands{"::kbench_ptx::special_" + match[1].str() + "()" + part};
  }
  if (std::regex_match(word, match, kRegister)) {
    return Operands{"kbench_register_" + match[1].str()};
  }
  return std::nullopt;
}

// `.reg .b32 low, high`
std::optional<std::string> declaration(const std::string& statement) {
  static const std::regex kDeclared(R"(\.reg\s+\.(\w+)\s+((?:%%)?\w+(?:\s*,\s*(?:%%)?\w+)*))");
  std::smatch match;
  if (!std::regex_match(statement, match, kDeclared)) return std::nullopt;
  const std::string type = type_of_registers(match[1]);
  if (type.empty()) return std::nullopt;
  std::string text;
  for (const std::string& name : split(match[2].str(), ',')) {
    std::string word(trim(name));
    std::erase(word, '%');
    text += "[[maybe_unused]] " + type + " kbench_register_" + word + "{}; ";
  }
  return text;
}

// One statement of the assembly; nothing if it is not known.
std::optional<std::string> translate(const std::string& statement, const Assembly& assembly) {
  if (auto declared = declaration(statement)) return declared;
  static const std::regex kParts(R"((?:@(!?)(?:%%)?(\w+)\s+)?([\w.:]+)\s*([^]*))");
  std::smatch match;
  if (!std::regex_match(statement, match, kParts)) return std::nullopt;
  const std::string opcode = match[3], written = match[4];
  Operands operands;
  for (const auto& [from, to] : parts(written, 0, written.size(), ',')) {
    auto each = in_cpp(written.substr(from, to - from), assembly);
    if (!each) return std::nullopt;
    operands.insert(operands.end(), each->begin(), each->end());
  }
  auto text = instruction_in_cpp(opcode, operands);
  if (!text || !match[2].matched) return text;
  return "if (" + match[1].str() + "kbench_register_" + match[2].str() + ") { " + *text + " }";
}

std::vector<std::string> statements(std::string text) {
  text = std::regex_replace(text, std::regex(R"(//[^\n]*|/\*[^]*?\*/)"), "");
  std::vector<std::string> found;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(';', at), text.size());
    std::string statement(trim(text.substr(at, end - at)));
    // A brace before an instruction opens a scope, as does one behind the last close it.
    while (!statement.empty() && (statement.front() == '{' || statement.front() == '}')) {
      statement = std::string(trim(statement.substr(1)));
    }
    if (!statement.empty()) found.push_back(statement);
    at = end + 1;
  }
  return found;
}

struct Beginning {
  size_t word = std::string::npos, parenthesis = 0;
};
// The next `asm (` or `asm volatile (`, in any spelling.
Beginning next_assembly(const std::string& code, size_t from) {
  for (size_t at = from; (at = code.find("asm", at)) != std::string::npos; at += 3) {
    const size_t word = at >= 2 && code.compare(at - 2, 2, "__") == 0 ? at - 2 : at;
    if (word > 0 && is_word(code[word - 1])) continue;
    size_t open = word;
    const std::string_view spelled = next_word(code, open);
    if (spelled != "asm" && spelled != "__asm" && spelled != "__asm__") continue;
    const std::string_view qualifier = next_word(code, open);
    if (!qualifier.empty() && qualifier != "volatile" && qualifier != "__volatile__") continue;
    open = skip_blanks(code, open);
    if (open < code.size() && code[open] == '(') return {word, open};
  }
  return {};
}

}  // namespace

Result<std::string> emulate_ptx(const std::string& source, const std::string& code,
                                const std::string& name) {
  constexpr size_t kLongest = 4096;  // far beyond what one statement of such instructions needs
  std::string text;
  size_t copied = 0;
  for (Beginning it; (it = next_assembly(code, copied)).word != std::string::npos;) {
    const size_t begin = it.word;
    const auto refuse = [&](const std::string& what) {
      const auto line =
          std::count(source.begin(), source.begin() + static_cast<ptrdiff_t>(begin), '\n') + 1;
      return tl::unexpected(Error{ErrorKind::rejected, "inline PTX cannot be emulated: " + what,
                                  name + ":" + std::to_string(line),
                                  "keep a portable form of the kernel beside it"});
    };
    const auto assembly = read_assembly(source, code, begin, it.parenthesis);
    if (!assembly || assembly->text.size() > kLongest)
      return refuse("its text is not one literal with operands");
    text += source.substr(copied, begin - copied) + "do { ";
    for (const std::string& statement : statements(assembly->text)) {
      const auto translated = translate(statement, *assembly);
      if (!translated) return refuse("'" + statement + "'");
      text += *translated + " ";
    }
    text += "} while (0)";
    for (size_t at = begin; at < assembly->end; ++at) {
      if (source[at] == '\n') text += source[at - 1] == '\\' ? " \\\n" : "\n";
    }
    copied = assembly->end;
  }
  return text + source.substr(copied);
}

}  // namespace kbench
