#include "harness/launch_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/text.hpp"

namespace kbench {
namespace {

constexpr size_t kNowhere = std::string_view::npos;

// Where `token` first stands outside parentheses, or kNowhere.
size_t find_outside_parentheses(std::string_view text, std::string_view token) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (depth == 0 && text.substr(i, token.size()) == token) return i;
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
  }
  return kNowhere;
}

// Where the parenthesis that opens at text[0] closes, or kNowhere.
size_t closing(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i;
  }
  return kNowhere;
}

// "(a, b)" without its parentheses; anything else as it is.
std::string_view without_parentheses(std::string_view text) {
  text = trim(text);
  const bool whole = text.substr(0, 1) == "(" && closing(text) == text.size() - 1;
  return whole ? trim(text.substr(1, text.size() - 2)) : text;
}

Result<std::vector<Expr>> expressions(const HeaderLine& line, std::string_view list) {
  std::vector<Expr> parsed;
  for (const std::string_view part : split_outside_parentheses(list, ',')) {
    auto expression = line.expression(part);
    if (!expression) return tl::unexpected(expression.error());
    parsed.push_back(std::move(*expression));
  }
  return parsed;
}

Result<std::vector<Expr>> extents(const HeaderLine& line, std::string_view text,
                                  std::string_view what) {
  auto parsed = expressions(line, without_parentheses(text));
  if (parsed && parsed->size() > 3) {
    return bad_input(
        fmt::format("the {} has {} extents, at most 3 are possible", what, parsed->size()),
        line.at(text));
  }
  return parsed;
}

// `condition ? name : condition ? name : name`, or one name; none when it is something else.
Result<std::optional<std::vector<Choice>>> parse_choices(const HeaderLine& line,
                                                         std::string_view text) {
  using Found = std::optional<std::vector<Choice>>;
  std::vector<Choice> choices;
  for (;;) {
    text = without_parentheses(text);
    const size_t question = find_outside_parentheses(text, "?");
    if (question == kNowhere) break;
    const std::string_view branches = text.substr(question + 1);
    const size_t colon = find_outside_parentheses(branches, ":");
    const std::string_view name = trim(branches.substr(0, colon));
    if (colon == kNowhere || !is_identifier(name)) return Found{};
    auto condition = line.expression(text.substr(0, question));
    if (!condition) return tl::unexpected(condition.error());
    choices.push_back({std::move(*condition), std::string(name)});
    text = branches.substr(colon + 1);
  }
  if (!is_identifier(text) || text == "true" || text == "false") return Found{};
  choices.push_back({Expr(), std::string(text)});
  return Found(std::move(choices));
}

struct TypedArgument {
  std::string_view name;
  Argument::Kind kind;
};
constexpr TypedArgument kTyped[] = {{"int64", Argument::Kind::integer64},
                                    {"f32", Argument::Kind::float32},
                                    {"f64", Argument::Kind::float64},
                                    {"local", Argument::Kind::local_bytes}};

Result<Argument> parse_argument(const HeaderLine& line, const LaunchStyle& style,
                                std::string_view text) {
  text = trim(text);
  if (text.empty()) return bad_input("an argument is missing", line.at(text));
  Argument argument;
  argument.where = line.at(text);
  std::string_view value = text;
  for (const TypedArgument& typed : kTyped) {
    if (text.substr(0, typed.name.size()) != typed.name) continue;
    const std::string_view after = trim(text.substr(typed.name.size()));
    if (after.substr(0, 1) != "(" || closing(after) != after.size() - 1) continue;
    argument.kind = typed.kind;
    value = without_parentheses(after);
  }
  if (argument.kind == Argument::Kind::local_bytes && !style.local) {
    return bad_input("local(bytes) is for opencl", line.at(text),
                     "cuda and hip take shared bytes in <<<grid, block, shared>>>");
  }
  if (argument.kind == Argument::Kind::integer32) {
    auto choices = parse_choices(line, text);
    if (!choices) return tl::unexpected(choices.error());
    if (*choices) argument.choices = std::move(**choices);
  }
  auto expression = line.expression(value);
  if (!expression) return tl::unexpected(expression.error());
  argument.expression = std::move(*expression);
  return argument;
}

Result<void> parse_grid(const HeaderLine& line, std::string_view inside, Step& step) {
  const auto parts = split_outside_parentheses(inside, ',');
  if (parts.size() < 2 || parts.size() > 3) {
    return bad_input(fmt::format("<<<...>>> has {} part{}, it takes grid, block and perhaps shared "
                                 "bytes",
                                 parts.size(), parts.size() == 1 ? "" : "s"),
                     line.at(inside), "put extents in parentheses: <<<(m, n), (BLOCK)>>>");
  }
  auto grid = extents(line, parts[0], "grid");
  if (!grid) return tl::unexpected(grid.error());
  auto block = extents(line, parts[1], "block");
  if (!block) return tl::unexpected(block.error());
  step.grid = std::move(*grid);
  step.block = std::move(*block);
  if (parts.size() == 3) {
    auto shared = line.expression(parts[2]);
    if (!shared) return tl::unexpected(shared.error());
    step.shared_bytes = std::move(*shared);
  }
  return {};
}

// `cluster=(2,1,1)` and `cooperative`, in any order.
Result<void> parse_attributes(const HeaderLine& line, const LaunchStyle& style,
                              std::string_view text, Step& step) {
  while (!(text = trim(text)).empty()) {
    const std::string_view attribute = text;
    constexpr std::string_view kCooperative = "cooperative", kCluster = "cluster=";
    if (text.substr(0, kCooperative.size()) == kCooperative) {
      step.cooperative = true;
      text.remove_prefix(kCooperative.size());
    } else if (text.substr(0, kCluster.size()) == kCluster) {
      const std::string_view value = text.substr(kCluster.size());
      const size_t close = closing(value);
      if (value.substr(0, 1) != "(" || close == kNowhere) {
        return bad_input("a cluster is written cluster=(2,1,1)", line.at(text));
      }
      auto cluster = extents(line, value.substr(0, close + 1), "cluster");
      if (!cluster) return tl::unexpected(cluster.error());
      step.cluster = std::move(*cluster);
      text = value.substr(close + 1);
    } else {
      return bad_input(fmt::format("unexpected '{}' after the arguments", text), line.at(text),
                       "known: cluster=(x,y,z), cooperative");
    }
    if (!style.cluster) {
      return bad_input("cluster= and cooperative are for cuda and hip", line.at(attribute));
    }
  }
  return {};
}

// `<a, b>` before the grid or the arguments. A '>' inside an argument needs parentheses.
Result<std::string_view> parse_template(const HeaderLine& line, std::string_view text, Step& step) {
  if (text.substr(0, 1) != "<" || text.substr(0, 3) == "<<<") return text;
  const size_t close = find_outside_parentheses(text, ">");
  if (close == kNowhere) return bad_input("expected '>' of the template arguments", line.at(text));
  auto arguments = expressions(line, text.substr(1, close - 1));
  if (!arguments) return tl::unexpected(arguments.error());
  step.template_arguments = std::move(*arguments);
  return trim(text.substr(close + 1));
}

}  // namespace

Result<Step> parse_launch(const HeaderLine& line, const LaunchStyle& style) {
  Step step;
  step.line = line.number;
  step.where = fmt::format("{}:{}", line.file, line.number);
  const size_t name_end = std::min(line.rest.find_first_of("<( \t"), line.rest.size());
  const std::string_view name = line.rest.substr(0, name_end);
  if (!is_identifier(name)) {
    return bad_input(
        "expected the name of a function", line.at(line.rest),
        style.grid ? "launch name<<<grid, block>>>(arguments)" : "launch name(arguments)");
  }
  step.function = name;
  auto rest = parse_template(line, trim(line.rest.substr(name_end)), step);
  if (!rest) return tl::unexpected(rest.error());
  std::string_view text = rest->empty() ? line.rest.substr(line.rest.size()) : *rest;

  const bool has_grid = text.substr(0, 3) == "<<<";
  if (has_grid != style.grid) {
    return bad_input(has_grid ? "a function of the host has no <<<grid, block>>>"
                              : "expected <<<grid, block>>> after the function's name",
                     line.at(text));
  }
  if (has_grid) {
    const std::string_view after = text.substr(3);
    const size_t close = find_outside_parentheses(after, ">>>");
    if (close == kNowhere) return bad_input("expected '>>>' of the launch", line.at(text));
    if (auto grid = parse_grid(line, after.substr(0, close), step); !grid) {
      return tl::unexpected(grid.error());
    }
    text = trim(after.substr(close + 3));
  }

  const size_t close = closing(text);
  if (text.substr(0, 1) != "(" || close == kNowhere) {
    return bad_input("expected the arguments in parentheses",
                     line.at(text.empty() ? line.line.substr(line.line.size()) : text));
  }
  const std::string_view inside = text.substr(1, close - 1);
  if (!trim(inside).empty()) {
    for (const std::string_view part : split_outside_parentheses(inside, ',')) {
      auto argument = parse_argument(line, style, part);
      if (!argument) return tl::unexpected(argument.error());
      step.arguments.push_back(std::move(*argument));
    }
  }
  if (auto attributes = parse_attributes(line, style, text.substr(close + 1), step); !attributes) {
    return tl::unexpected(attributes.error());
  }
  return step;
}

}  // namespace kbench
