#include "core/text.hpp"

#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "core/options.hpp"

namespace kbench {
namespace {

using std::chrono::nanoseconds;

TEST(Suggestion, NamesTheNearestAndElseListsWhatIsKnown) {
  EXPECT_EQ(suggestion("sofmax", {"gelu", "softmax"}), "did you mean 'softmax'?");
  EXPECT_EQ(suggestion("amtmul", {"matmul"}), "did you mean 'matmul'?");
  EXPECT_EQ(suggestion("BLOKC", {"BLOCK", "BLOCKS"}), "did you mean 'BLOCK'?");
  EXPECT_EQ(suggestion("zzz", {"gelu", "softmax"}), "known: gelu, softmax");
  EXPECT_EQ(suggestion("zzz", {}), "none is known");
  EXPECT_EQ(suggestion("x", std::vector<std::string>(20, "long_name")).substr(0, 7), "known: ");
}

TEST(Text, SplitsTrimsAndJoins) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
  EXPECT_EQ(trim(" \ta b\r\n"), "a b");
  EXPECT_EQ(trim("  "), "");
  EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
}

TEST(Text, SplitsListsAtCommasOutsideParentheses) {
  EXPECT_EQ(split_list("n, max(a, b) , c"), (std::vector<std::string>{"n", "max(a, b)", "c"}));
  EXPECT_EQ(split_list("n"), std::vector<std::string>{"n"});
  EXPECT_EQ(split_words("  in  constant u8 "), (std::vector<std::string>{"in", "constant", "u8"}));
}

TEST(Text, ReadsDurations) {
  EXPECT_EQ(parse_duration("30s").value(), nanoseconds(30'000'000'000));
  EXPECT_EQ(parse_duration("1h30m").value(), nanoseconds(5400'000'000'000));
  EXPECT_EQ(parse_duration("250ms").value(), nanoseconds(250'000'000));
  EXPECT_EQ(parse_duration("1.5us").value(), nanoseconds(1500));
  for (const char* wrong : {"", "30", "s", "30 s", "-3s", "1x", "1e3s", "99999999999h", "1.2.3s"}) {
    EXPECT_FALSE(parse_duration(wrong).has_value()) << wrong;
  }
}

TEST(Text, ReadsSizesAndNumbers) {
  EXPECT_EQ(parse_bytes("64MiB").value(), int64_t{64} << 20);
  EXPECT_EQ(parse_bytes("2G").value(), int64_t{2} << 30);
  EXPECT_EQ(parse_bytes("512").value(), 512);
  EXPECT_EQ(parse_bytes("1.5KB").value(), 1500);
  EXPECT_FALSE(parse_bytes("64MB2").has_value());
  EXPECT_FALSE(parse_bytes("9999999TiB").has_value());
  EXPECT_EQ(parse_integer(" -7 ").value(), -7);
  EXPECT_FALSE(parse_integer("7x").has_value());
  EXPECT_FALSE(parse_integer("99999999999999999999").has_value());
  EXPECT_DOUBLE_EQ(parse_number("1e-3").value(), 1e-3);
}

TEST(Text, WritesThreeSignificantDigits) {
  EXPECT_EQ(format_time(12.34), "12.3 ns");
  EXPECT_EQ(format_time(12'340), "12.3 us");
  EXPECT_EQ(format_time(999.7), "1.00 us");
  EXPECT_EQ(format_time(2.5e9), "2.50 s");
  EXPECT_EQ(format_rate(1.5e9, "B"), "1.50 GB/s");
  EXPECT_EQ(format_rate(123.4e9, "FLOP"), "123 GFLOP/s");
  EXPECT_EQ(format_bytes(64.0 * (1 << 20)), "64 MiB");
  EXPECT_EQ(format_bytes(1536), "1.50 KiB");
  EXPECT_EQ(format_bytes(100), "100 B");
}

TEST(Hash, IsSha256) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Options, FillDefaultsAndCheckWhatIsGiven) {
  const std::vector<OptionSpec> specs = {{"population", "20", "size", 2, 1000, {}},
                                         {"crossover", "uniform", "kind", 0, 0, {"uniform", "one"}},
                                         {"note", "", "free text", 0, 0, {}}};
  const auto options = Options::parse(specs, {{"population", "30"}}, "genetic");
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->integer("population"), 30);
  EXPECT_EQ(options->text("crossover"), "uniform");

  const auto unknown = Options::parse(specs, {{"popluation", "3"}}, "genetic");
  EXPECT_EQ(unknown.error().text(),
            "genetic has no option 'popluation' (did you mean 'population'?)");
  const auto range = Options::parse(specs, {{"population", "1"}}, "genetic");
  EXPECT_EQ(range.error().text(), "genetic: population=1 is out of range (allowed: 2 to 1000)");
  const auto choice = Options::parse(specs, {{"crossover", "unifrom"}}, "genetic");
  EXPECT_NE(choice.error().text().find("did you mean 'uniform'?"), std::string::npos);
  EXPECT_FALSE(Options::parse(specs, {{"population", "nan"}}, "genetic").has_value());
}

}  // namespace
}  // namespace kbench
