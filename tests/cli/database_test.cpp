#include <sqlite3.h>
#include <unistd.h>

#include "cli_lab.hpp"
#include "results/writer_lock.hpp"

namespace kbench {
namespace {

using cli_lab::Cli;
using cli_lab::Ran;
using testing::HasSubstr;

class DatabaseTest : public Cli {
 protected:
  void refused(const std::string& arguments, int code, const std::string& message) const {
    const Ran ran = kbench(arguments);
    EXPECT_EQ(ran.code, code) << arguments << "\n" << ran.out << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(message)) << arguments;
  }
  void sql(const std::string& name, const char* text) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((folder_ + "/" + name).c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, text, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }
  static constexpr const char* kReaders[] = {"leaderboard", "show 1", "campaigns", "emit softmax",
                                             "report"};
};

TEST_F(DatabaseTest, ReadingCommandsSayThatThereIsNone) {
  for (const std::string reader : kReaders) {
    refused(reader, 2, "kbench.db: there is no database ('kbench run TASK' makes one");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_)) << "asking must not make one";
}

TEST_F(DatabaseTest, OtherFilesAreLeftAlone) {
  write("text.db", "this is a text of more than sixteen bytes\n");
  sql("other.db", "CREATE TABLE mine (x)");
  for (const std::string command : {"leaderboard", "run row_sum"}) {
    refused(command + " --db text.db", 2, "text.db: the file is no SQLite database");
    refused(command + " --db other.db", 2, "other.db: the database belongs to another program");
    refused(command + " --db .", 2, "this is a folder, not a database");
  }
  EXPECT_EQ(read("text.db"), "this is a text of more than sixteen bytes\n");
}

TEST_F(DatabaseTest, OneOfANewerKbenchIsRefusedByReadersAndWriters) {
  sql("new.db", "PRAGMA application_id = 0x6b626e63; PRAGMA user_version = 99; CREATE TABLE t (x)");
  for (const std::string command : {"leaderboard", "run row_sum"}) {
    refused(command + " --db new.db", 2, "the database has schema version 99, this kbench");
  }
}

TEST_F(DatabaseTest, AnEmptyFileHasNoResultsYet) {
  write("empty.db", "");
  refused("leaderboard --db empty.db", 2, "empty.db: the database is empty");
}

TEST_F(DatabaseTest, ASecondWriterIsToldWhoHoldsIt) {
  auto held = WriterLock::acquire(folder_ + "/kbench.db");
  ASSERT_TRUE(held) << held.error().text();
  const std::string holder = "process " + std::to_string(getpid()) + " on ";
  refused("run row_sum", 3, "another kbench writes to this database: " + holder);
  refused("leaderboard", 2, "there is no database");
}

TEST_F(DatabaseTest, AFolderThatDoesNotExistCannotHoldOne) {
  refused("run row_sum --db none/a.db", 3, "the database cannot be written");
}

}  // namespace
}  // namespace kbench
