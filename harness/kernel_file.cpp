#include "harness/kernel_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "harness/buffer_line.hpp"
#include "harness/header_line.hpp"
#include "harness/launch_line.hpp"
#include "harness/param_line.hpp"

namespace kbench {
namespace {

const std::vector<std::string> kLanguages = {"cpp", "cuda", "hip", "opencl", "host-cuda"};
constexpr size_t kDeepestRepeat = 8;
constexpr size_t kMostParams = 256;

// Reads header lines one by one into a KernelFile; each key has its own function.
class HeaderReader {
 public:
  explicit HeaderReader(KernelFile& kernel) : kernel_(kernel) { open_.push_back(&kernel.steps); }

  Result<void> read(const std::vector<HeaderLine>& lines);

 private:
  using Rule = Result<void> (HeaderReader::*)(const HeaderLine&);
  struct Key {
    std::string_view name;
    Rule rule;
    bool once;  // may stand only once in a file
  };
  static const std::array<Key, 15> kKeys;

  Result<void> apply(const HeaderLine& line);
  Result<void> task(const HeaderLine& line);
  Result<void> language(const HeaderLine& line);
  Result<void> dtype(const HeaderLine& line);
  Result<void> param(const HeaderLine& line);
  Result<void> flags(const HeaderLine& line);
  Result<void> require(const HeaderLine& line);
  Result<void> define(const HeaderLine& line);
  Result<void> buffer(const HeaderLine& line);
  Result<void> zero(const HeaderLine& line);
  Result<void> launch(const HeaderLine& line);
  Result<void> prepare(const HeaderLine& line);
  Result<void> repeat(const HeaderLine& line);
  Result<void> end(const HeaderLine& line);
  Result<void> baseline(const HeaderLine& line);
  Result<void> link(const HeaderLine& line);

  // Names that would hide each other are refused; `name` is a view into `line`.
  Result<void> claim(const HeaderLine& line, std::string_view name);
  LaunchStyle style() const;
  Result<void> finish();

  KernelFile& kernel_;
  std::vector<std::vector<Step>*> open_;  // the steps that the next launch joins, innermost last
  std::vector<HeaderLine> repeats_;       // lines of open repeats
  std::set<std::string, std::less<>> names_, seen_keys_;
  HeaderLine first_link_;
};

const std::array<HeaderReader::Key, 15> HeaderReader::kKeys = {{
    {"task", &HeaderReader::task, true},
    {"language", &HeaderReader::language, true},
    {"dtype", &HeaderReader::dtype, true},
    {"param", &HeaderReader::param, false},
    {"flags", &HeaderReader::flags, true},
    {"require", &HeaderReader::require, false},
    {"define", &HeaderReader::define, false},
    {"buffer", &HeaderReader::buffer, false},
    {"zero", &HeaderReader::zero, false},
    {"launch", &HeaderReader::launch, false},
    {"prepare", &HeaderReader::prepare, false},
    {"repeat", &HeaderReader::repeat, false},
    {"end", &HeaderReader::end, false},
    {"baseline", &HeaderReader::baseline, true},
    {"link", &HeaderReader::link, false},
}};

Result<void> HeaderReader::read(const std::vector<HeaderLine>& lines) {
  for (const HeaderLine& line : lines) {
    if (auto applied = apply(line); !applied) return applied;
  }
  return finish();
}

Result<void> HeaderReader::apply(const HeaderLine& line) {
  const auto* key =
      std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& k) { return k.name == line.key; });
  if (key == kKeys.end()) {
    std::vector<std::string> known;
    std::transform(kKeys.begin(), kKeys.end(), std::back_inserter(known),
                   [](const Key& k) { return std::string(k.name); });
    return bad_input(fmt::format("unknown key '{}'", line.key), line.at(line.key),
                     suggestion(line.key, known));
  }
  const bool first = seen_keys_.emplace(line.key).second;
  if (key->once && !first) {
    return bad_input(fmt::format("a second '{}' line", line.key), line.at(line.key),
                     "write one with everything in it");
  }
  const bool bare = key->rule == &HeaderReader::end || key->rule == &HeaderReader::baseline;
  if (bare != line.rest.empty()) {
    return bad_input(fmt::format("'{}' {}", line.key, bare ? "takes nothing" : "needs a value"),
                     line.at(bare ? line.rest : line.key));
  }
  // Launch lines are read by the rules of the language.
  const bool launches = key->rule == &HeaderReader::launch || key->rule == &HeaderReader::prepare;
  if (launches && kernel_.languages.empty()) {
    return bad_input(fmt::format("'{}' before the language is known", line.key), line.at(line.key),
                     "put the 'language' line above it");
  }
  return (this->*key->rule)(line);
}

Result<void> HeaderReader::claim(const HeaderLine& line, std::string_view name) {
  if (std::find(std::begin(kDeviceNames), std::end(kDeviceNames), name) != std::end(kDeviceNames) ||
      name == "FLAGS" || name == "true" || name == "false") {
    return bad_input(fmt::format("'{}' already has a meaning", name), line.at(name),
                     "choose another name");
  }
  if (!names_.emplace(name).second) {
    return bad_input(fmt::format("'{}' is declared twice", name), line.at(name));
  }
  return {};
}

Result<void> HeaderReader::task(const HeaderLine& line) {
  const auto parts = words(line.rest);
  if (parts.size() != 1) return bad_input("a kernel file is for one task", line.at(parts[1]));
  if (!is_identifier(parts[0])) return bad_input("not the name of a task", line.at(parts[0]));
  kernel_.task = parts[0];
  return {};
}

Result<void> HeaderReader::language(const HeaderLine& line) {
  for (const std::string_view word : words(line.rest)) {
    if (!contains(kLanguages, word)) {
      return bad_input(fmt::format("unknown language '{}'", word), line.at(word),
                       suggestion(word, kLanguages));
    }
    if (contains(kernel_.languages, word)) {
      return bad_input(fmt::format("language '{}' twice", word), line.at(word));
    }
    kernel_.languages.emplace_back(word);
  }
  const bool host = contains(kernel_.languages, "cpp") || contains(kernel_.languages, "host-cuda");
  if (host && kernel_.languages.size() > 1) {
    return bad_input("cpp and host-cuda share no file with another language", line.at(line.rest),
                     "their launch lines have no <<<grid, block>>>");
  }
  return {};
}

Result<void> HeaderReader::dtype(const HeaderLine& line) {
  for (const std::string_view word : words(line.rest)) {
    const auto parsed = parse_dtype(word);
    if (!parsed) return bad_input(parsed.error().what, line.at(word), parsed.error().hint);
    auto& dtypes = kernel_.dtypes;
    if (std::find(dtypes.begin(), dtypes.end(), *parsed) != dtypes.end()) {
      return bad_input(fmt::format("dtype '{}' twice", word), line.at(word));
    }
    dtypes.push_back(*parsed);
  }
  return {};
}

Result<void> HeaderReader::param(const HeaderLine& line) {
  if (kernel_.params.size() == kMostParams) {
    return bad_input(fmt::format("more than {} params", kMostParams), line.at(line.key));
  }
  auto parsed = parse_param(line);
  if (!parsed) return tl::unexpected(parsed.error());
  kernel_.params.push_back(std::move(*parsed));
  return claim(line, words(line.rest)[0]);
}

Result<void> HeaderReader::flags(const HeaderLine& line) {
  auto parsed = parse_flags(line);
  if (!parsed) return tl::unexpected(parsed.error());
  kernel_.params.push_back(std::move(*parsed));
  return {};
}

Result<void> HeaderReader::require(const HeaderLine& line) {
  auto expression = line.expression(line.rest);
  if (!expression) return tl::unexpected(expression.error());
  kernel_.constraints.push_back({std::move(*expression), line.number});
  return {};
}

Result<void> HeaderReader::define(const HeaderLine& line) {
  const size_t equals = line.rest.find('=');
  const std::string_view name = trim(line.rest.substr(0, equals));
  if (!is_upper_name(name) || equals == std::string_view::npos) {
    return bad_input("a define is written NAME = expression", line.at(line.rest),
                     "the name in capitals, digits and _");
  }
  if (auto claimed = claim(line, name); !claimed) return claimed;
  auto expression = line.expression(line.rest.substr(equals + 1));
  if (!expression) return tl::unexpected(expression.error());
  kernel_.defines.emplace_back(name, std::move(*expression));
  return {};
}

Result<void> HeaderReader::buffer(const HeaderLine& line) {
  auto spec = parse_buffer(line);
  if (!spec) return tl::unexpected(spec.error());
  kernel_.buffers.push_back(std::move(*spec));
  return claim(line, words(line.rest)[0]);
}

Result<void> HeaderReader::zero(const HeaderLine& line) {
  for (const std::string_view word : words(line.rest)) {
    if (!is_identifier(word)) return bad_input("not the name of a tensor", line.at(word));
    if (contains(kernel_.zeroed_tensors, word)) {
      return bad_input(fmt::format("'{}' is zeroed twice", word), line.at(word));
    }
    kernel_.zeroed_tensors.emplace_back(word);
  }
  return {};
}

LaunchStyle HeaderReader::style() const {
  const auto& languages = kernel_.languages;
  LaunchStyle style;
  style.grid = !contains(languages, "cpp") && !contains(languages, "host-cuda");
  style.local = languages == std::vector<std::string>{"opencl"};
  style.cluster = style.grid && !contains(languages, "opencl");
  return style;
}

Result<void> HeaderReader::launch(const HeaderLine& line) {
  auto step = parse_launch(line, style());
  if (!step) return tl::unexpected(step.error());
  open_.back()->push_back(std::move(*step));
  return {};
}

Result<void> HeaderReader::prepare(const HeaderLine& line) {
  if (!repeats_.empty()) {
    return bad_input("'prepare' inside a repeat", line.at(line.key), "it runs once; move it out");
  }
  auto step = parse_launch(line, style());
  if (!step) return tl::unexpected(step.error());
  kernel_.prepare.push_back(std::move(*step));
  return {};
}

Result<void> HeaderReader::repeat(const HeaderLine& line) {
  const std::string_view counter = words(line.rest)[0];
  if (!is_identifier(counter) || is_upper_name(counter)) {
    return bad_input("a repeat is written: repeat counter count", line.at(counter),
                     "the counter's name in small letters");
  }
  if (repeats_.size() == kDeepestRepeat) {
    return bad_input(fmt::format("more than {} repeats inside each other", kDeepestRepeat),
                     line.at(line.key));
  }
  auto count = line.expression(line.rest.substr(counter.size()));
  if (!count) return tl::unexpected(count.error());
  if (auto claimed = claim(line, counter); !claimed) return claimed;
  Step step;
  step.kind = Step::Kind::repeat;
  step.line = line.number;
  step.where = fmt::format("{}:{}", line.file, line.number);
  step.counter = counter;
  step.count = std::move(*count);
  open_.back()->push_back(std::move(step));
  // Stays where it is: while the body is open nothing else joins the outer steps.
  open_.push_back(&open_.back()->back().body);
  repeats_.push_back(line);
  return {};
}

Result<void> HeaderReader::end(const HeaderLine& line) {
  if (repeats_.empty()) return bad_input("'end' without a repeat", line.at(line.key));
  if (open_.back()->empty()) {
    return bad_input("a repeat of nothing", repeats_.back().at(repeats_.back().key));
  }
  open_.pop_back();
  names_.erase(names_.find(open_.back()->back().counter));  // free for the next loop
  repeats_.pop_back();
  return {};
}

Result<void> HeaderReader::baseline(const HeaderLine&) {
  kernel_.baseline = true;
  return {};
}

Result<void> HeaderReader::link(const HeaderLine& line) {
  if (first_link_.number == 0) first_link_ = line;
  for (const std::string_view word : words(line.rest)) {
    // A library's name for -l: nothing that could be a path or an option.
    const bool plain = word[0] != '-' && std::all_of(word.begin(), word.end(), [](char c) {
                         return is_identifier(std::string("_") + c) || c == '-' || c == '+';
                       });
    if (!plain) return bad_input("not the name of a library", line.at(word), "as in: openblas");
    kernel_.links.emplace_back(word);
  }
  return {};
}

Result<void> HeaderReader::finish() {
  const std::string where = kernel_.name + ":1:1";
  if (!repeats_.empty()) {
    return bad_input("a repeat without 'end'", repeats_.back().at(repeats_.back().key));
  }
  if (kernel_.task.empty()) {
    return bad_input("no task", where, "begin the file with '// kbench: task NAME'");
  }
  if (kernel_.languages.empty()) {
    return bad_input("no language", where, "add '// kbench: language cpp'");
  }
  if (kernel_.steps.empty()) {
    return bad_input("no launch", where, "add '// kbench: launch function(arguments)'");
  }
  if (!kernel_.links.empty() && !kernel_.baseline) {
    return bad_input("'link' is for baselines only", first_link_.at(first_link_.key),
                     "add '// kbench: baseline'");
  }
  auto& params = kernel_.params;
  std::stable_partition(params.begin(), params.end(),
                        [](const Param& param) { return param.name != "FLAGS"; });
  return {};
}

}  // namespace

Result<KernelFile> parse_kernel_file(std::string_view text, std::string_view name) {
  KernelFile kernel;
  kernel.name = name;
  kernel.source.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) != "\r\n") kernel.source += text[i];
  }
  // It travels as JSON, and its bytes in the compiler's messages.
  if (const size_t good = utf8_prefix(kernel.source); good < kernel.source.size()) {
    const auto line = 1 + std::count(kernel.source.begin(), kernel.source.begin() + good, '\n');
    return bad_input("a byte that is no UTF-8 text", fmt::format("{}:{}", name, line),
                     "save the file as UTF-8");
  }
  auto lines = header_lines(kernel.source, name);
  if (!lines) return tl::unexpected(lines.error());
  if (auto read = HeaderReader(kernel).read(*lines); !read) return tl::unexpected(read.error());
  return kernel;
}

Result<KernelFile> read_kernel_file(const std::string& path) {
  const auto text = read_file(path);
  if (!text) {
    return bad_input("cannot read the kernel file", path, "check that it exists and is no folder");
  }
  return parse_kernel_file(*text, path);
}

std::string KernelFile::hash() const {
  return sha256(source);
}

}  // namespace kbench
