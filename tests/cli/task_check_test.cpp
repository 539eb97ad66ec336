// `kbench tasks --check` on tasks by which no kernel could be judged.

#include "cli_lab.hpp"

namespace kbench {

namespace {

using testing::HasSubstr;

// y[i] = a * x[i] + b[i], or what a test makes of it.
constexpr const char* kTask = R"({
  "about": "A test.", "formula": "y[i] = 2 * x[i] + b[i]", "source": "none",
  "dims": ["n"],
  "tensors": {"x": "in [n]", "b": "in [n]", "y": "out [n]"},
  "variants": ["f32"],
  "fills": {"normal": "normal", "heavy": "heavy"},
  "groups": {"y": "n"},
  "work": {"flops": "2 * n"},
  "problems": {"smoke": ["n=7"], "verify": ["n=1", "n=127", "n=4096"], "tune": ["n=100000"],
               "bench": ["n=100000"]},
  "held_out": {"n": [1, 1000]}
})";
constexpr const char* kReference = R"(template <class real>
void y(const Args<real>& a, int64_t i) {
  a.y(i) = real(2) * a.x(i) + a.b(i);
}
)";

class TaskCheckTest : public cli_lab::Cli {
 protected:
  struct Change {
    std::string from, to;
  };
  static std::string changed(std::string text, const Change& change) {
    const size_t at = change.from.empty() ? std::string::npos : text.find(change.from);
    if (at != std::string::npos) text.replace(at, change.from.size(), change.to);
    return text;
  }
  // The rules and messages of what is wrong, "" for a task that can be judged by.
  std::string flaws(const Change& in_task, const Change& in_reference) {
    std::filesystem::create_directories(folder_ + "/tasks/test/demo");
    write("tasks/test/demo/task.json", changed(kTask, in_task));
    write("tasks/test/demo/reference.cpp", changed(kReference, in_reference));
    const cli_lab::Ran ran = kbench("tasks --check demo --tasks tasks --json");
    const auto json = nlohmann::json::parse(ran.out, nullptr, false);
    if (json.is_discarded()) return "no JSON: " + ran.out + ran.err;
    std::string text;
    for (const auto& flaw : json.at("flaws")) {
      text += flaw.at("rule").get<std::string>() + ": " + flaw.at("message").get<std::string>();
      text += "\n";
    }
    EXPECT_EQ(ran.code, text.empty() ? 0 : 1);
    return text;
  }
};

TEST_F(TaskCheckTest, AcceptsATaskThatTellsRightFromWrong) {
  EXPECT_EQ(flaws({}, {}), "");
}

TEST_F(TaskCheckTest, RefusesAnAnswerThatAnInputAlreadyHolds) {
  EXPECT_THAT(flaws({}, {"real(2) * a.x(i) + a.b(i)", "a.x(i) + real(1e-30) * a.b(i)"}),
              HasSubstr("shortcut: a copy of x would pass as y on"));
}

TEST_F(TaskCheckTest, RefusesAnAnswerThatIsOneValueEverywhere) {
  EXPECT_THAT(flaws({}, {"real(2) * a.x(i) + a.b(i)", "real(3) + real(1e-30) * a.b(i)"}),
              HasSubstr("shortcut: one value everywhere would pass as y"));
}

TEST_F(TaskCheckTest, RefusesAnInputThatNoOutputDependsOn) {
  EXPECT_EQ(flaws({}, {"+ a.b(i)", "+ real(1)"}), "ignored_input: no output depends on b\n");
}

TEST_F(TaskCheckTest, RefusesFillsWhoseValuesAreAlike) {
  const std::string found = flaws({R"("heavy": "heavy")", R"("heavy": "constant value=1")"}, {});
  EXPECT_EQ(found, "");  // the other fill differs
  EXPECT_THAT(
      flaws({R"("normal": "normal", "heavy": "heavy")", R"("ones": "constant value=1")"}, {}),
      HasSubstr("values: the fills give x only 1 value"));
}

TEST_F(TaskCheckTest, RefusesVerificationWithoutTails) {
  EXPECT_EQ(flaws({R"("n=1", "n=127", "n=4096")", R"("n=1", "n=128", "n=4096")"}, {}),
            "shapes: every n of the verification problems is a power of two: no tail is met\n");
  EXPECT_THAT(flaws({R"("n=1", "n=127", "n=4096")", R"("n=128")"}, {}),
              HasSubstr("shapes: every verification problem has n=128"));
}

TEST_F(TaskCheckTest, RefusesAReferenceThatFails) {
  EXPECT_THAT(flaws({}, {"a.y(i) =", "if (i == 100) __builtin_trap();\n  a.y(i) ="}),
              HasSubstr("reference: the reference of task demo fails on"));
}

TEST_F(TaskCheckTest, RefusesAReferenceThatDependsOnTheOrderOfItsSlices) {
  EXPECT_THAT(flaws({}, {"a.y(i) = real(2)",
                         "static int64_t calls = 0;\n  a.y(i) = real(double(++calls))"}),
              HasSubstr("slices: the reference disagrees with itself between slices"));
}

}  // namespace

}  // namespace kbench
