#include "search/recorded_space.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>

namespace kbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kHeader =
    "BLOCK,MODE,status,time_ms,compile_ms,verify_ms,bench_ms,framework_ms\n";

Result<RecordedSpace> csv(const std::string& rows) {
  return parse_recorded_space(kHeader + rows, "spaces/toy-A1.csv.gz");
}

std::string csv_error(const std::string& rows) {
  auto parsed = csv(rows);
  return parsed ? "no error" : parsed.error().text();
}

// The row of "BLOCK=64,MODE=fast" and the like.
const RecordedRow& row_of(const RecordedSpace& recorded, const Params& params) {
  return recorded.rows[*recorded.space.index_of(*recorded.space.from_params(params))];
}

TEST(RecordedCsv, BecomesASpaceWithNumbersAscendingAndWordsInOrderOfAppearance) {
  auto read =
      csv("128,slow,ok,2.5,10,1,4,0.5\n"
          "64,fast,compile,,30,0,0,0\n"
          "1024,fast,ok,0.5,10,1,2,0\n");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(read->name, "toy-A1");
  EXPECT_EQ(read->space.size(), 3U);
  EXPECT_THAT(read->space.params()[0].values, ElementsAre("64", "128", "1024"));
  EXPECT_THAT(read->space.params()[1].values, ElementsAre("slow", "fast"));
  EXPECT_FALSE(read->space.valid({0, 0})) << "64, slow was never recorded";
  const RecordedRow& slow = row_of(*read, {{"BLOCK", "128"}, {"MODE", "slow"}});
  EXPECT_EQ(slow.time_ms, 2.5);
  EXPECT_EQ(slow.cost_ms(), 15.5);
  const RecordedRow& broken = row_of(*read, {{"BLOCK", "64"}, {"MODE", "fast"}});
  EXPECT_EQ(broken.status, RecordedStatus::compile);
  EXPECT_EQ(broken.cost_ms(), 30);
}

TEST(RecordedCsv, ReadsBackWhatItWrites) {
  auto read = csv("128,slow,ok,2.5,10,1,4,0.5\n64,fast,runtime,,30,0,0,0\n");
  const std::string written = to_csv(*read).value();
  auto again = parse_recorded_space(written, "toy-A1.csv");
  ASSERT_TRUE(again.has_value()) << again.error().text();
  EXPECT_EQ(to_csv(*again), written);
  EXPECT_THAT(written, HasSubstr("128,slow,ok,2.5,10,1,4,0.5\n"));
  EXPECT_EQ(again->space.size(), 2U);
}

TEST(RecordedT4, ReadsBackWhatItWrites) {
  auto read = csv("128,slow,ok,2.5,10,1,4,0.5\n64,fast,runtime,,30,0,0,0\n");
  auto again = parse_recorded_space(to_t4(*read), "toy-A1.json");
  ASSERT_TRUE(again.has_value()) << again.error().text();
  EXPECT_EQ(to_csv(*again).value(), to_csv(*read).value());
}

TEST(RecordedCsv, AValueThatWouldBreakALineIsRefused) {
  auto read = parse_recorded_space(
      R"({"results": [{"configuration": {"FLAGS": "-O3,-g"}, "invalidity": "correct",
      "times": {"compilation": 10}, "measurements": [{"value": 2.5}]}]})",
      "t4.json");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_THAT(to_csv(*read).error().text(), HasSubstr("'-O3,-g' of param FLAGS"));
}

TEST(RecordedCsv, ErrorsNameFileAndLine) {
  auto missing =
      parse_recorded_space("BLOCK,status,time_ms,compile_ms,bench_ms,framework_ms\n", "a.csv");
  EXPECT_THAT(missing.error().text(), HasSubstr("a.csv:1: column 'status' is missing"));
  auto empty = parse_recorded_space("", "a.csv");
  EXPECT_THAT(empty.error().text(), HasSubstr("column 'status' is missing"));
  EXPECT_THAT(csv_error("64,fast,ok,1,1,1,1\n"), HasSubstr(".gz:2: 7 fields, the header has 8"));
  EXPECT_THAT(csv_error("64,fast,fine,1,1,1,1,1\n"), HasSubstr(".gz:2: 'fine' is no status"));
  EXPECT_THAT(csv_error("64,fast,ok,,1,1,1,1\n"), HasSubstr(".gz:2: '' is no time"));
  EXPECT_THAT(csv_error("64,fast,ok,-1,1,1,1,1\n"), HasSubstr(".gz:2: -1 ms is no time"));
  EXPECT_THAT(csv_error("64,fast,ok,inf,1,1,1,1\n"), HasSubstr(".gz:2: "));
  EXPECT_THAT(csv_error("64,fast,ok,1,1,x,1,1\n"), HasSubstr(".gz:2: verify_ms: 'x' is no time"));
  EXPECT_THAT(csv_error("64,fast,ok,1,-9,1,1,1\n"), HasSubstr(".gz:2: -6 ms is no cost"));
  EXPECT_THAT(csv_error("64,fast,compile,,1,1,1,1\n"), HasSubstr("no configuration that ran"));
  EXPECT_THAT(csv_error("64,fast,ok,1,0,0,0,0\n"), HasSubstr("what its evaluations cost"));
  EXPECT_THAT(csv_error("64,fast,ok,1,1,1,1,1\n\n64,fast,ok,2,1,1,1,1\n"),
              HasSubstr(".gz:4: the configuration of spaces/toy-A1.csv.gz:2 again"));
}

TEST(RecordedFile, IsReadFromGzipAndAMissingOneIsNamed) {
  const std::string path = std::filesystem::path(testing::TempDir()) / "kbench_recorded.csv.gz";
  gzFile file = gzopen(path.c_str(), "wb");
  const std::string text = std::string(kHeader) + "64,fast,ok,1,1,1,1,1\n";
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  auto read = read_recorded_space(path);
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(read->name, "kbench_recorded");
  std::filesystem::remove(path);
  EXPECT_EQ(read_recorded_space(path).error().text(), path + ": cannot be opened");
}

constexpr const char* kCache = R"({"tune_params_keys": ["BLOCK", "PAD"],
  "tune_params": {"BLOCK": [32, 64], "PAD": [true, false]},
  "cache": {
    "32,true": {"BLOCK": 32, "PAD": true, "time": 2.5, "compile_time": 10,
                "verification_time": 1, "benchmark_time": 4, "framework_time": 0.5, "strategy_time": 99},
    "64,true": {"BLOCK": 64, "PAD": true, "time": "CompilationFailedConfig", "compile_time": 7},
    "32,false": {"BLOCK": 32, "PAD": false, "time": "RuntimeFailedConfig", "compile_time": 7},
    "64,false": {"BLOCK": 64, "PAD": false, "time": "InvalidConfig"}}})";

TEST(RecordedKernelTuner, ReadsTimesCostsAndTheWordsOfFailures) {
  auto read = parse_recorded_space(kCache, "cache.json");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  const RecordedRow& ran = row_of(*read, {{"BLOCK", "32"}, {"PAD", "true"}});
  EXPECT_EQ(ran.time_ms, 2.5);
  EXPECT_EQ(ran.cost_ms(), 15.5) << "the searcher's own time is no cost of the evaluation";
  EXPECT_EQ(row_of(*read, {{"BLOCK", "64"}, {"PAD", "true"}}).status, RecordedStatus::compile);
  EXPECT_EQ(row_of(*read, {{"BLOCK", "32"}, {"PAD", "false"}}).status, RecordedStatus::runtime);
  EXPECT_EQ(row_of(*read, {{"BLOCK", "64"}, {"PAD", "false"}}).status, RecordedStatus::invalid);
}

TEST(RecordedKernelTuner, AnUnknownConfigurationOrMissingParamNamesTheEntry) {
  std::string unknown = kCache, missing = kCache;
  unknown.replace(unknown.find("\"BLOCK\": 64"), 11, "\"BLOCK\": 63");
  EXPECT_EQ(parse_recorded_space(unknown, "c.json").error().text(),
            "c.json: entry '64,true': '63' is no value of param 'BLOCK' (did you mean '64'?)");
  missing.replace(missing.find("\"BLOCK\": 64, "), 13, "");
  EXPECT_EQ(parse_recorded_space(missing, "c.json").error().text(),
            "c.json: entry '64,true': param 'BLOCK' is missing");
}

TEST(RecordedT4, ReadsCorrectAndInvalidResults) {
  auto read = parse_recorded_space(R"({"results": [
    {"configuration": {"BLOCK": 32}, "invalidity": "correct",
     "times": {"compilation": 10, "framework": 0.5, "search_algorithm": 99, "validation": 1,
               "runtimes": [2, 3]}, "measurements": [{"name": "time", "value": 2.5}]},
    {"configuration": {"BLOCK": 64}, "invalidity": "compile", "times": {"compilation": 7}},
    {"configuration": {"BLOCK": 96}, "invalidity": "constraints", "times": {}}]})",
                                   "t4.json");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(row_of(*read, {{"BLOCK", "32"}}).time_ms, 2.5);
  EXPECT_EQ(row_of(*read, {{"BLOCK", "32"}}).cost_ms(), 16.5);
  EXPECT_EQ(row_of(*read, {{"BLOCK", "64"}}).status, RecordedStatus::compile);
  EXPECT_EQ(row_of(*read, {{"BLOCK", "96"}}).status, RecordedStatus::invalid);
}

TEST(RecordedKtt, ReadsTimesInTheUnitOfTheFile) {
  auto read = parse_recorded_space(R"({"Metadata": {"TimeUnit": "Microseconds"}, "Results": [
    {"Configuration": [{"Name": "BLOCK", "Value": 32}], "Status": "Ok", "TotalDuration": 2500,
     "TotalOverhead": 10000, "ValidationOverhead": 500, "SearcherOverhead": 99},
    {"Configuration": [{"Name": "BLOCK", "Value": 64}], "Status": "CompilationFailed"}]})",
                                   "ktt.json");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(row_of(*read, {{"BLOCK", "32"}}).time_ms, 2.5);
  EXPECT_EQ(row_of(*read, {{"BLOCK", "32"}}).cost_ms(), 13);
  EXPECT_EQ(row_of(*read, {{"BLOCK", "64"}}).status, RecordedStatus::compile);
}

TEST(RecordedJson, OfNoKnownKindOrDamagedSaysWhatWasExpected) {
  EXPECT_THAT(parse_recorded_space("{}", "x.json").error().text(),
              HasSubstr("x.json: is no recorded space (expected 'cache'"));
  EXPECT_THAT(parse_recorded_space("{\"cache\": {", "x.json").error().text(),
              HasSubstr("x.json: "));
  EXPECT_THAT(parse_recorded_space(R"({"results": [{"configuration": {"A": 1}}]})", "x.json")
                  .error()
                  .text(),
              HasSubstr("invalidity"));
}

}  // namespace
}  // namespace kbench
