#include "search/surrogate_search.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <unordered_set>

#include "search/moves.hpp"

namespace kbench {

double expected_improvement(const Prediction& prediction, double best) {
  const double deviation = std::sqrt(prediction.variance);
  const double z = (best - prediction.mean) / deviation;
  const double density = std::exp(-0.5 * z * z) * 0.3989422804014327;
  const double share = 0.5 * std::erfc(-z * 0.7071067811865476);
  return deviation * (z * share + density);
}

SurrogateSearch::SurrogateSearch(const Space& space, uint64_t seed, const Settings& settings,
                                 std::vector<std::unique_ptr<Surrogate>> models)
    : memory_(space, seed), settings_(settings), models_(std::move(models)) {
  log_evidence_.assign(models_.size(), 0);
  start_ = latin_hypercube(settings_.initial, space, memory_.random());
  std::reverse(start_.begin(), start_.end());
}

std::optional<Configuration> SurrogateSearch::ask() {
  auto chosen = choose();
  if (chosen) memory_.ask(*chosen);
  return chosen;
}

std::optional<Configuration> SurrogateSearch::choose() {
  while (!start_.empty()) {
    Configuration next = std::move(start_.back());
    start_.pop_back();
    if (!memory_.asked(next)) return next;
  }
  if (!memory_.best()) return memory_.unseen();
  const Training known = training();
  for (auto& model : models_) model->fit(known);
  std::vector<Configuration> from =
      candidates(settings_.local_every > 0 && ++asks_ % settings_.local_every == 0);
  if (from.empty()) from = candidates(false);
  if (from.empty()) return std::nullopt;
  return pick(from, *std::min_element(known.targets.begin(), known.targets.end()));
}

static int env(const char* n, int d) {
  auto v = getenv(n);
  return v ? atoi(v) : d;
}
static double envd(const char* n, double d) {
  auto v = getenv(n);
  return v ? atof(v) : d;
}

std::vector<double> SurrogateSearch::acquisition(const std::vector<Configuration>& from, double best) {
  std::vector<std::vector<Prediction>> predictions;
  for (auto& model : models_) predictions.push_back(model->predict(from));
  static int mode = env("MODE", 0);
  std::vector<double> weights(models_.size(), 1.0/ static_cast<double>(models_.size()));
  if (mode == 0 || mode==3) { double mx=*std::max_element(log_evidence_.begin(),log_evidence_.end()),s=0; for(size_t m=0;m<models_.size();++m) s+=weights[m]=std::exp(log_evidence_[m]-mx); for(auto&w:weights)w=w/s; }
  if (mode == 2) { for(size_t m=0;m<models_.size();++m) weights[m]= (size_t)asks_%models_.size()==m; }
  std::vector<double> out;
  for (size_t i = 0; i < from.size(); ++i) {
    double ei = 0;
    if (mode==3||mode==4) { double mean=0,sq=0; for(size_t m=0;m<models_.size();++m){mean+=weights[m]*predictions[m][i].mean; sq+=weights[m]*(predictions[m][i].variance+predictions[m][i].mean*predictions[m][i].mean);} ei=expected_improvement({mean,std::max(sq-mean*mean,1e-9)},best);}
    else for(size_t m=0;m<models_.size();++m) ei+=weights[m]*expected_improvement(predictions[m][i],best);
    out.push_back(ei);
  }
  return out;
}

Configuration SurrogateSearch::pick(std::vector<Configuration> from, double best) {
  std::vector<double> v = acquisition(from, best);
  size_t at = std::max_element(v.begin(), v.end()) - v.begin();
  Configuration chosen = from[at]; double most = v[at];
  static int steps = env("CLIMB", 4);
  for (int s = 0; s < steps; ++s) {
    std::vector<Configuration> near;
    for (auto& c : memory_.space().neighbours(chosen)) if (!memory_.asked(c)) near.push_back(c);
    if (near.empty()) break;
    v = acquisition(near, best);
    at = std::max_element(v.begin(), v.end()) - v.begin();
    if (v[at] <= most) break;
    most = v[at]; chosen = near[at];
  }
  Foretold f{chosen,{}};
  for (auto& model : models_) f.predictions.push_back(model->predict({chosen})[0]);
  foretold_.push_back(std::move(f));
  return chosen;
}

void SurrogateSearch::tell(const Observation& observation) {
  memory_.tell(observation);
  auto f = std::find_if(foretold_.begin(), foretold_.end(),
                        [&](auto& x) { return x.configuration == observation.configuration; });
  if (f == foretold_.end()) return;
  static double fade = envd("FADE", 0.9);
  double u = settings_.bound;
  if (observation.value) {
    u = (std::log(*observation.value) - middle_) / std::max(middle_ - low_, 1e-6);
    if (u > 0) u = settings_.bound * (1 - std::exp(-u / settings_.bound));
  }
  for (size_t m = 0; m < models_.size(); ++m) {
    auto& p = f->predictions[m];
    double v = p.variance + 1e-3;
    double e = u - p.mean;
    log_evidence_[m] = fade * log_evidence_[m] - 0.5 * (std::log(v) + std::min(e * e / v, 20.0));
  }
  foretold_.erase(f);
}

Training SurrogateSearch::training() {
  std::vector<double> logs;
  for (const Known& known : memory_.told()) {
    if (std::isfinite(known.value)) logs.push_back(std::log(known.value));
  }
  std::vector<double> sorted = logs;
  std::sort(sorted.begin(), sorted.end());
  low_ = sorted.front();
  middle_ = sorted[sorted.size() / 2];
  const double unit = std::max(middle_ - low_, 1e-6);
  Training training;
  const auto& told = memory_.told();
  std::vector<size_t> chosen;
  if (told.size() > settings_.training) {
    std::vector<size_t> order(told.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return told[a].value < told[b].value; });
    order.resize(settings_.training * 2 / 3);
    std::vector<bool> in(told.size(), false);
    for (size_t i : order) in[i] = true;
    size_t need = settings_.training - order.size();
    for (size_t i = told.size(); i-- > 0 && need > 0;)
      if (!in[i]) {
        in[i] = true;
        --need;
      }
    for (size_t i = 0; i < told.size(); ++i)
      if (in[i]) chosen.push_back(i);
  } else
    for (size_t i = 0; i < told.size(); ++i) chosen.push_back(i);
  for (size_t i : chosen) {
    double u = settings_.bound;
    if (std::isfinite(told[i].value)) {
      u = (std::log(told[i].value) - middle_) / unit;
      if (u > 0) u = settings_.bound * (1 - std::exp(-u / settings_.bound));
    }
    training.configurations.push_back(told[i].configuration);
    training.targets.push_back(u);
  }
  return training;
}

std::vector<Configuration> SurrogateSearch::candidates(bool local) {
  std::vector<Configuration> from;
  std::unordered_set<Configuration, ConfigurationHash> seen;
  auto add = [&](const Configuration& c) {
    if (!memory_.asked(c) && seen.insert(c).second) from.push_back(c);
  };
  const auto& told = memory_.told();
  static size_t tops = (size_t)env("TOPS", 3);
  std::vector<size_t> order(told.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  size_t k = local ? 1 : std::min(tops, order.size());
  std::partial_sort(order.begin(), order.begin() + k, order.end(),
                    [&](size_t a, size_t b) { return told[a].value < told[b].value; });
  for (size_t i = 0; i < k; ++i)
    for (auto& c : memory_.space().neighbours(told[order[i]].configuration)) add(c);
  if (local) return from;
  for (size_t tries = 0; tries < 4 * settings_.candidates && from.size() < settings_.candidates;
       ++tries)
    add(memory_.space().sample(memory_.random()));
  if (from.empty())
    if (auto c = memory_.unseen()) from.push_back(*c);
  return from;
}

std::vector<OptionSpec> SurrogateSearch::option_specs(const Settings& d) {
  return {
      {"initial", std::to_string(d.initial), "spread-out configurations at the start", 1, 1000, {}},
      {"candidates",
       std::to_string(d.candidates),
       "configurations considered an ask",
       1,
       100000,
       {}},
      {"training",
       std::to_string(d.training),
       "observations a model learns from at most",
       10,
       2000,
       {}},
      {"local_every",
       std::to_string(d.local_every),
       "every so many asks only neighbours of the best are considered; 0: never",
       0,
       1000,
       {}},
      {"bound",
       std::to_string(d.bound),
       "how much slower than the median still counts",
       0.01,
       10,
       {}}};
}
SurrogateSearch::Settings SurrogateSearch::settings_from(const Options& o) {
  return {(size_t)o.integer("initial"), (size_t)o.integer("candidates"),
          (size_t)o.integer("training"), (int)o.integer("local_every"), o.number("bound")};
}

}  // namespace kbench
