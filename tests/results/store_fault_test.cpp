// What a store says and keeps when its file, its disk or its process fails.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <random>
#include <thread>

#include "results/schema.hpp"
#include "results/sqlite.hpp"
#include "tests/results/example.hpp"

namespace kbench {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal(const std::string& path, OpenMode mode = OpenMode::read_write) {
  const auto store = Store::open(path, mode);
  return store ? "opened" : store.error().text();
}

void execute(const std::string& path, const std::string& sql) {
  Database database(path, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const auto done = database.execute(sql);
  ASSERT_TRUE(done) << done.error().text();
}

TEST(OpeningAStore, SaysWhenTheFileIsNoDatabase) {
  const example::Folder folder;
  std::ofstream(folder.file()) << std::string(5000, 'x');
  EXPECT_THAT(refusal(folder.file()), AllOf(HasSubstr("no SQLite database"), HasSubstr("--db")));
  EXPECT_THAT(refusal(folder.file(), OpenMode::read_only), HasSubstr("no SQLite database"));
  EXPECT_EQ(std::filesystem::file_size(folder.file()), 5000u) << "left as it was";
}

TEST(OpeningAStore, LeavesAnotherProgramsDatabaseAlone) {
  const example::Folder folder;
  execute(folder.file(), "CREATE TABLE theirs (x)");
  EXPECT_THAT(refusal(folder.file()), HasSubstr("another program"));
  execute(folder.file("b.db"), "PRAGMA application_id = 77");
  EXPECT_THAT(refusal(folder.file("b.db")), HasSubstr("another program"));
}

TEST(OpeningAStore, RefusesANewerSchema) {
  const example::Folder folder;
  example::open(folder.file());
  execute(folder.file(), "PRAGMA user_version = 99");
  EXPECT_THAT(refusal(folder.file()), AllOf(HasSubstr("version 99"), HasSubstr("newer kbench")));
}

TEST(OpeningAStore, SaysWhenThereIsNothingToRead) {
  const example::Folder folder;
  EXPECT_THAT(refusal(folder.file(), OpenMode::read_only), HasSubstr("there is no database"));
  EXPECT_THAT(refusal(folder.path()), HasSubstr("is a folder"));
  EXPECT_THAT(refusal(folder.file("none/kbench.db")), HasSubstr("folder must exist"));
  EXPECT_FALSE(std::filesystem::exists(folder.file()));
}

TEST(OpeningAStore, TakesAnyNameThatAFileMayHave) {
  const example::Folder folder;
  const std::string path = folder.file("a ?b#c%20&mode=ro.db");
  example::begin(*example::open(path));
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_EQ(example::open(path, OpenMode::read_only)->campaigns().value().size(), 1u);
}

TEST(OpeningAStore, NamesTheSecondWritersRival) {
  const example::Folder folder;
  const auto first = example::open(folder.file());
  EXPECT_THAT(refusal(folder.file()),
              AllOf(HasSubstr("process " + std::to_string(getpid())), HasSubstr("another kbench")));
  EXPECT_EQ(refusal(folder.file(), OpenMode::read_only), "opened");
}

TEST(OpeningAStore, LeavesNoLockBehind) {
  const example::Folder folder;
  example::open(folder.file());
  EXPECT_FALSE(std::filesystem::exists(folder.file() + ".lock"));
  EXPECT_EQ(refusal(folder.file()), "opened");
}

// Files that root may always write are checked as somebody else.
class AsNobody : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) return;
    chmod(folder_.path().c_str(), 0755);
    if (seteuid(65534) != 0) GTEST_SKIP() << "cannot become another user";
  }
  void TearDown() override {
    if (getuid() == 0) static_cast<void>(seteuid(0));
    chmod(folder_.path().c_str(), 0755);
  }
  void make(mode_t file, mode_t folder) {
    const uid_t user = geteuid();
    if (getuid() == 0) static_cast<void>(seteuid(0));
    example::begin(*example::open(folder_.file()));
    chmod(folder_.file().c_str(), file);
    chmod(folder_.path().c_str(), folder);
    if (getuid() == 0) static_cast<void>(seteuid(user));
  }
  example::Folder folder_;
};

TEST_F(AsNobody, AReadOnlyFileIsSaidToBeSo) {
  make(0444, 0777);
  EXPECT_THAT(refusal(folder_.file()), HasSubstr("cannot be written"));
}

TEST_F(AsNobody, AReadOnlyFolderCanStillBeReadFrom) {
  make(0444, 0555);
  EXPECT_THAT(refusal(folder_.file()), HasSubstr("cannot be written"));
  EXPECT_EQ(example::open(folder_.file(), OpenMode::read_only)->campaigns().value().size(), 1u);
}

TEST(Schema, StepsForwardAndKeepsWhatWasThere) {
  const example::Folder folder;
  const char* const steps[] = {"CREATE TABLE a (x); INSERT INTO a VALUES (1)",
                               "ALTER TABLE a ADD COLUMN y DEFAULT 2"};
  Database database(folder.file(), folder.file(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  ASSERT_TRUE(prepare_schema(database, true, std::span(steps).first(1)));
  EXPECT_THAT(prepare_schema(database, false, steps).error().text(), HasSubstr("needs 2"));
  ASSERT_TRUE(prepare_schema(database, true, steps));
  EXPECT_EQ(database.integer("SELECT x + y FROM a").value(), 3);
  EXPECT_EQ(database.integer("PRAGMA user_version").value(), 2);
}

TEST(Schema, AStepThatFailsLeavesTheVersionBefore) {
  const example::Folder folder;
  const char* const steps[] = {"CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"};
  Database database(folder.file(), folder.file(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  EXPECT_FALSE(prepare_schema(database, true, steps));
  EXPECT_EQ(database.integer("PRAGMA user_version").value(), 1);
  EXPECT_EQ(database.integer("SELECT count(*) FROM sqlite_schema").value(), 1);
}

int64_t rows_in(const std::string& path) {
  Database database(path, path, SQLITE_OPEN_READONLY);
  EXPECT_EQ(database.integer("SELECT count(*) FROM pragma_foreign_key_check").value_or(-1), 0);
  Query check(database, "PRAGMA integrity_check");
  EXPECT_TRUE(check.step().value_or(false));
  EXPECT_EQ(check.text(), "ok");
  return database.integer("SELECT count(*) FROM evaluations").value_or(-1);
}

TEST(AFullDisk, IsNotAnyErrorOfSqlite) {
  const example::Folder folder;
  Database database(folder.file(), folder.file(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  ASSERT_TRUE(database.execute("CREATE TABLE a (x); PRAGMA max_page_count = 3"));
  const auto error = database.execute("INSERT INTO a VALUES (zeroblob(100000))").error();
  EXPECT_EQ(error.kind, ErrorKind::environment);
  EXPECT_THAT(error.text(), AllOf(HasSubstr("the disk is full ("), HasSubstr("free some space")));
}

TEST(AFullDisk, IsSaidAndWhatWasAcknowledgedStays) {
  const example::Folder folder;
  int acknowledged = 0;
  std::string said;
  {
    const auto store = example::open(folder.file());
    const int64_t campaign = example::begin(*store);
    const Candidate of = example::candidate();
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{256 << 10, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    while (said.empty() && acknowledged < 100'000) {
      const auto id = store->record(campaign, acknowledged, of, example::evaluation(of), "again");
      id ? static_cast<void>(++acknowledged) : static_cast<void>(said = id.error().text());
    }
    setrlimit(RLIMIT_FSIZE, &before);
  }
  EXPECT_THAT(said, AllOf(HasSubstr("disk is full"), HasSubstr("--resume")));
  EXPECT_GT(acknowledged, 10);
  EXPECT_EQ(rows_in(folder.file()), acknowledged);
}

// Writes until it is killed, and says so after every evaluation.
[[noreturn]] void write_for_ever(const std::string& path, int acknowledge) {
  auto store = Store::open(path, OpenMode::read_write);
  if (!store) _exit(1);
  const auto campaign = (*store)->begin_campaign(example::campaign());
  for (int i = 0;; ++i) {
    const Candidate of = example::candidate(i % 1000);
    if (!(*store)->record_intent(*campaign, i, sha256(of.kernel_text), of.params)) _exit(2);
    if (!(*store)->record(*campaign, i, of, example::evaluation(of, 1000, i), "again")) _exit(3);
    if (write(acknowledge, "+", 1) != 1) _exit(4);
  }
}

TEST(AWriterKilledAtAHundredRandomMoments, HasEverythingItAcknowledgedInTheFile) {
  const example::Folder folder;
  std::mt19937 random(1);
  int64_t acknowledged = 0;
  int64_t before = 0;
  for (int kill_number = 0; kill_number < 100; ++kill_number) {
    int pipe_ends[2];
    ASSERT_EQ(pipe2(pipe_ends, O_CLOEXEC), 0);
    const pid_t child = fork();
    if (child == 0) write_for_ever(folder.file(), pipe_ends[1]);
    close(pipe_ends[1]);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 30'000));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself, code " << WEXITSTATUS(status);
    char buffer[4096];
    for (ssize_t got = 0; (got = read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
      acknowledged += got;
    close(pipe_ends[0]);
    if (!std::filesystem::exists(folder.file())) continue;  // killed before anything
    if (kill_number % 10 != 9) continue;
    example::open(folder.file());  // a lock left behind would stop it
    const int64_t rows = rows_in(folder.file());
    ASSERT_GE(rows, acknowledged);
    ASSERT_LE(rows, acknowledged + kill_number + 1) << "at most one a kill was not acknowledged";
    before = rows;
  }
  EXPECT_GT(before, 100) << "the writers hardly wrote";
}

}  // namespace
}  // namespace kbench
