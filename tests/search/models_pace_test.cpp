#include "models_lab.hpp"

namespace kbench {
namespace {

using scripted::fenced;
using scripted::ModelCampaignTest;
using scripted::start_of;
using scripted::text_of;
using scripted::TextJudge;

// Models and a judge on one clock that only moves when the campaign waits. It notes where the judge
// had less to do than there was.
class Simulation final : public Answers, public TextJudge {
 public:
  // Reply n takes `seconds(n)`, a verdict one second for each of `verdict_s`.
  Simulation(std::function<int(int64_t)> seconds, int verdict_s)
      : seconds_(std::move(seconds)), verdict_s_(verdict_s) {}

  Result<void> ask(const StoredCall& call, size_t, const ChatRequest&) override {
    coming_.emplace(now_ + seconds_(call.number), call.number);
    most_in_flight = std::max(most_in_flight, coming_.size());
    return {};
  }
  std::optional<Taken> take(std::chrono::milliseconds wait) override {
    if (coming_.empty()) return {};
    if (coming_.begin()->first > now_) {
      if (wait.count() == 0) return {};
      EXPECT_TRUE(open_ == 0) << "it waits for replies while the judge has something";
      now_ = coming_.begin()->first;
    }
    const int64_t number = coming_.begin()->second;
    coming_.erase(coming_.begin());
    ++taken;
    Exchange exchange;
    exchange.delivered = true;
    exchange.reply = ChatReply{fenced(text_of("ns_" + std::to_string(8000 - number))), ""};
    return Taken{{number}, exchange};
  }

  void ask(const EvaluationRequest& request) override {
    if (open_++ == 0) verdict_at_ = now_ + verdict_s_;
    TextJudge::ask(request);
  }
  // Moves the clock to whatever comes first.
  bool ready(std::chrono::milliseconds) override {
    const int64_t first = coming_.empty() ? verdict_at_ : coming_.begin()->first;
    EXPECT_TRUE(first > now_ || open_ == depth()) << "a reply waits that the judge could compile";
    now_ = std::max(now_, std::min(first, verdict_at_));
    return now_ == verdict_at_ || open_ == depth();
  }
  Result<Evaluation> next() override {
    const bool blind = now_ < verdict_at_ && open_ < depth() && !coming_.empty() &&
                       coming_.begin()->first < verdict_at_;
    EXPECT_FALSE(blind) << "a reply would come that the judge could compile";
    now_ = std::max(now_, verdict_at_);
    busy += verdict_s_;
    if (--open_ > 0) verdict_at_ = now_ + verdict_s_;
    return TextJudge::next();
  }
  int64_t now() const { return now_; }

  int64_t busy = 0;
  int taken = 0;
  size_t most_in_flight = 0;

 private:
  std::function<int(int64_t)> seconds_;
  const int verdict_s_;
  int64_t now_ = 0, verdict_at_ = 0;
  int open_ = 0;
  std::multimap<int64_t, int64_t> coming_;
};

class ModelPaceTest : public ModelCampaignTest {
 protected:
  void SetUp() override {
    ModelCampaignTest::SetUp();
    setup_.models = {{*parse_model("command:true"), {}, true}};
    setup_.in_flight = 8;
    setup_.campaign.finalists = 0;
    budget("80proposals");
  }
  void run(Simulation& simulation) {
    auto result = run_model_campaign(setup_, simulation, simulation, *store_, watcher_, stop_);
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(watcher_.outcomes, std::vector<std::string>(80, "ok"));
    EXPECT_EQ(simulation.most_in_flight, 8u);
  }
};

TEST_F(ModelPaceTest, TheJudgeIsNeverIdleWhileRepliesWait) {
  // Eight calls of 5 to 19 s give a kernel more often than every 4 s: the judge is what bounds it.
  Simulation simulation([](int64_t n) { return 5 + static_cast<int>(n * 7 % 15); }, 4);
  run(simulation);
  EXPECT_EQ(simulation.busy, 81 * 4) << "the starting kernel's and each reply's";
  // Nothing to do before the first reply.
  EXPECT_LE(simulation.now() - simulation.busy, 5);
}

TEST_F(ModelPaceTest, AQuickJudgeTakesEveryReplyAsItComes) {
  Simulation simulation([](int64_t n) { return 20 + static_cast<int>(n * 7 % 15); }, 1);
  run(simulation);
  EXPECT_EQ(simulation.taken, 80);
  EXPECT_EQ(simulation.busy, 81);
}

}  // namespace
}  // namespace kbench
