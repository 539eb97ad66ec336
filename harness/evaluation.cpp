#include "harness/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "core/text.hpp"

namespace kbench {

namespace {

constexpr std::string_view kVerdicts[] = {"faster", "slower", "same", "inconclusive"};
constexpr std::string_view kCacheModes[] = {"warm", "cold"};

std::string_view name_of(CacheMode mode) {
  return kCacheModes[static_cast<size_t>(mode)];
}

template <class Enum, class Names>
Result<Enum> parse_name(std::string_view kind, std::string_view name, const Names& names) {
  const auto found = std::find(std::begin(names), std::end(names), name);
  if (found != std::end(names)) return static_cast<Enum>(found - std::begin(names));
  return bad_input("unknown " + std::string(kind) + " '" + std::string(name) + "'", {},
                   suggestion(name, {std::begin(names), std::end(names)}));
}

Result<CacheMode> parse_cache_mode(std::string_view name) {
  return parse_name<CacheMode>("cache mode", name, kCacheModes);
}

// How a field's value is written: enums by name, an absent optional not at all.
template <class T>
void put(nlohmann::json& object, const char* name, const T& value) {
  if constexpr (std::is_enum_v<T>) {
    object[name] = name_of(value);
  } else {
    object[name] = value;
  }
}
template <class T>
void put(nlohmann::json& object, const char* name, const std::optional<T>& value) {
  if (value) object[name] = *value;
}

template <class T>
void take(const nlohmann::json& json, T& value) {
  json.get_to(value);
}
template <class T>
void take(const nlohmann::json& json, std::optional<T>& value) {
  value = json.get<T>();
}
template <class Enum>
void take_name(const nlohmann::json& json, Enum& value,
               Result<Enum> (*parse)(std::string_view name)) {
  const auto parsed = parse(json.get_ref<const std::string&>());
  if (!parsed) throw nlohmann::json::other_error::create(501, parsed.error().text(), &json);
  value = *parsed;
}
void take(const nlohmann::json& json, Outcome& value) {
  take_name(json, value, parse_outcome);
}
void take(const nlohmann::json& json, Evidence& value) {
  take_name(json, value, parse_evidence);
}
void take(const nlohmann::json& json, Verdict& value) {
  take_name(json, value, parse_verdict);
}
void take(const nlohmann::json& json, CacheMode& value) {
  take_name(json, value, parse_cache_mode);
}

struct Writer {
  nlohmann::json& object;
  template <class T>
  void operator()(const char* name, const T& value) const {
    put(object, name, value);
  }
};
// Fields that are absent keep their defaults, so that a newer program reads an older one's lines.
struct Reader {
  const nlohmann::json& object;
  template <class T>
  void operator()(const char* name, T& value) const {
    const auto found = object.find(name);
    if (found == object.end()) return;
    try {
      take(*found, value);
    } catch (const nlohmann::json::exception& error) {
      throw nlohmann::json::other_error::create(
          501, "field '" + std::string(name) + "': " + error.what(), &object);
    }
  }
};

// The fields of each type, once for both directions. `Self` is the type or the const type.
template <class T, class Self>
constexpr bool kIs = std::is_same_v<T, std::remove_const_t<Self>>;

template <class Self, class Visit>
requires kIs<Problem, Self>
void each_field(Self& problem, const Visit& visit) {
  visit("task", problem.task);
  visit("variant", problem.variant);
  visit("dims", problem.dims);
  visit("fill", problem.fill);
  visit("cache", problem.cache);
  visit("threads", problem.threads);
}

template <class Self, class Visit>
requires kIs<Candidate, Self>
void each_field(Self& candidate, const Visit& visit) {
  visit("kernel_text", candidate.kernel_text);
  visit("kernel_name", candidate.kernel_name);
  visit("params", candidate.params);
  visit("language", candidate.language);
  visit("compiler", candidate.compiler);
}

template <class Self, class Visit>
requires kIs<EvaluationRequest, Self>
void each_field(Self& request, const Visit& visit) {
  visit("id", request.id);
  visit("candidate", request.candidate);
  visit("problem", request.problem);
  visit("device", request.device);
  visit("until", request.until);
  visit("incumbent_ns", request.incumbent_ns);
  visit("fidelity", request.fidelity);
  visit("energy", request.energy);
}

template <class Self, class Visit>
requires kIs<Timing, Self>
void each_field(Self& timing, const Visit& visit) {
  visit("samples_ns", timing.samples_ns);
  visit("median_ns", timing.median_ns);
  visit("min_ns", timing.min_ns);
  visit("q1_ns", timing.q1_ns);
  visit("q3_ns", timing.q3_ns);
  visit("max_ns", timing.max_ns);
  visit("outliers", timing.outliers);
}

template <class Self, class Visit>
requires kIs<Costs, Self>
void each_field(Self& costs, const Visit& visit) {
  visit("compile_ms", costs.compile_ms);
  visit("verify_ms", costs.verify_ms);
  visit("screen_ms", costs.screen_ms);
  visit("kernel_ms", costs.kernel_ms);
  visit("harness_ms", costs.harness_ms);
}

template <class Self, class Visit>
requires kIs<Evaluation, Self>
void each_field(Self& evaluation, const Visit& visit) {
  visit("id", evaluation.id);
  visit("outcome", evaluation.outcome);
  visit("rule", evaluation.rule);
  visit("message", evaluation.message);
  visit("evidence", evaluation.evidence);
  visit("kernel_hash", evaluation.kernel_hash);
  visit("candidate_hash", evaluation.candidate_hash);
  visit("build_hash", evaluation.build_hash);
  visit("equivalent_hash", evaluation.equivalent_hash);
  visit("params", evaluation.params);
  visit("problem", evaluation.problem);
  visit("device", evaluation.device);
  visit("device_model", evaluation.device_model);
  visit("compiler", evaluation.compiler);
  visit("target", evaluation.target);
  visit("sandbox", evaluation.sandbox);
  visit("timing", evaluation.timing);
  visit("costs", evaluation.costs);
  visit("flops", evaluation.flops);
  visit("bytes", evaluation.bytes);
  visit("roofline_share", evaluation.roofline_share);
  visit("code_bytes", evaluation.code_bytes);
  visit("workspace_bytes", evaluation.workspace_bytes);
  visit("prepare_ns", evaluation.prepare_ns);
  visit("call_joules", evaluation.call_joules);
  visit("rms_error", evaluation.rms_error);
  visit("log", evaluation.log);
  visit("notes", evaluation.notes);
  visit("seed", evaluation.seed);
}

template <class Self, class Visit>
requires kIs<Comparison, Self>
void each_field(Self& comparison, const Visit& visit) {
  visit("verdict", comparison.verdict);
  visit("ratio", comparison.ratio);
  visit("low", comparison.low);
  visit("high", comparison.high);
  visit("confidence", comparison.confidence);
  visit("launches", comparison.launches);
  visit("pairs", comparison.pairs);
  visit("a_ns", comparison.a_ns);
  visit("b_ns", comparison.b_ns);
  visit("log_ratios", comparison.log_ratios);
}

template <class Self, class Visit>
requires kIs<ConfirmationRequest, Self>
void each_field(Self& request, const Visit& visit) {
  visit("id", request.id);
  visit("candidate", request.candidate);
  visit("incumbent", request.incumbent);
  visit("anchor", request.anchor);
  visit("problem", request.problem);
  visit("device", request.device);
  visit("finalists", request.finalists);
  visit("screen_ns", request.screen_ns);
}

template <class Self, class Visit>
requires kIs<Confirmation, Self>
void each_field(Self& confirmation, const Visit& visit) {
  visit("id", confirmation.id);
  visit("evaluation", confirmation.evaluation);
  visit("against_incumbent", confirmation.against_incumbent);
  visit("against_anchor", confirmation.against_anchor);
  visit("shrinkage", confirmation.shrinkage);
  visit("held_out", confirmation.held_out);
}

template <class T>
void write(nlohmann::json& json, const T& value) {
  json = nlohmann::json::object();
  each_field(value, Writer{json});
}
template <class T>
void read(const nlohmann::json& json, T& value) {
  if (!json.is_object()) throw nlohmann::json::type_error::create(302, "not an object", &json);
  value = T{};
  each_field(value, Reader{json});
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  return kVerdicts[static_cast<size_t>(verdict)];
}
Result<Verdict> parse_verdict(std::string_view name) {
  return parse_name<Verdict>("verdict", name, kVerdicts);
}

Timing summarise(std::vector<double> samples_ns) {
  Timing timing;
  timing.samples_ns = std::move(samples_ns);
  if (timing.samples_ns.empty()) return timing;
  std::vector<double> sorted = timing.samples_ns;
  std::sort(sorted.begin(), sorted.end());
  const auto quantile = [&](double share) {
    const double position = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<size_t>(position);
    const size_t above = std::min(below + 1, sorted.size() - 1);
    return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
  };
  timing.min_ns = sorted.front();
  timing.q1_ns = quantile(0.25);
  timing.median_ns = quantile(0.5);
  timing.q3_ns = quantile(0.75);
  timing.max_ns = sorted.back();
  const double fence = 1.5 * (timing.q3_ns - timing.q1_ns);
  timing.outliers = static_cast<int>(std::count_if(sorted.begin(), sorted.end(), [&](double ns) {
    return ns < timing.q1_ns - fence || ns > timing.q3_ns + fence;
  }));
  return timing;
}

void to_json(nlohmann::json& json, const Problem& problem) {
  write(json, problem);
}
void from_json(const nlohmann::json& json, Problem& problem) {
  read(json, problem);
}
void to_json(nlohmann::json& json, const Candidate& candidate) {
  write(json, candidate);
}
void from_json(const nlohmann::json& json, Candidate& candidate) {
  read(json, candidate);
}
void to_json(nlohmann::json& json, const EvaluationRequest& request) {
  write(json, request);
}
void from_json(const nlohmann::json& json, EvaluationRequest& request) {
  read(json, request);
}
void to_json(nlohmann::json& json, const Timing& timing) {
  write(json, timing);
}
void from_json(const nlohmann::json& json, Timing& timing) {
  read(json, timing);
}
void to_json(nlohmann::json& json, const Costs& costs) {
  write(json, costs);
}
void from_json(const nlohmann::json& json, Costs& costs) {
  read(json, costs);
}
void to_json(nlohmann::json& json, const Evaluation& evaluation) {
  write(json, evaluation);
}
void from_json(const nlohmann::json& json, Evaluation& evaluation) {
  read(json, evaluation);
}
void to_json(nlohmann::json& json, const Comparison& comparison) {
  write(json, comparison);
}
void from_json(const nlohmann::json& json, Comparison& comparison) {
  read(json, comparison);
}
void to_json(nlohmann::json& json, const ConfirmationRequest& request) {
  write(json, request);
}
void from_json(const nlohmann::json& json, ConfirmationRequest& request) {
  read(json, request);
}
void to_json(nlohmann::json& json, const Confirmation& confirmation) {
  write(json, confirmation);
}
void from_json(const nlohmann::json& json, Confirmation& confirmation) {
  read(json, confirmation);
}

}  // namespace kbench
