#include <gmock/gmock.h>

#include "search/models/reply.hpp"

namespace kbench {
namespace {

using testing::HasSubstr;

const std::string kParent = "a\nb\nc\nb\nd\n";

std::string edit(const std::string& old_lines, const std::string& new_lines) {
  return "<<<<<<< SEARCH\n" + old_lines + "=======\n" + new_lines + ">>>>>>> REPLACE\n";
}
ModelFailure failure(const std::string& reply) {
  auto text = kernel_text(reply, kParent);
  EXPECT_FALSE(text) << *text;
  return text ? ModelFailure::transport : text.error().kind;
}

TEST(Reply, TheLastCompleteFenceWins) {
  EXPECT_EQ(last_fence("```cpp\nfirst\n```\nbetter:\n```\nsecond\n```\n"), "second\n");
  EXPECT_EQ(last_fence("```cpp\nfirst\n```\n```cpp\ncut off"), "first\n");
  EXPECT_EQ(last_fence("~~~\ntilde\n~~~"), "tilde\n");
  EXPECT_EQ(last_fence("no code, only `words`"), std::nullopt);
}

TEST(Reply, AFenceIsClosedByOneAsLongAndBareOnly) {
  EXPECT_EQ(last_fence("````\n```cpp\nx\n```\n````\n"), "```cpp\nx\n```\n");
  EXPECT_EQ(last_fence("```\n// ```cpp is no end\n```\n"), "// ```cpp is no end\n");
}

TEST(Reply, ThinkingIsTakenOutHoweverItLeaks) {
  for (const std::string text : {
           "<think>```\nbad\n```</think>\n```\ngood\n```\n",
           "so ```\nbad\n```</think>\n```\ngood\n```\n",
           "<thinking>```\nbad\n```</thinking>```\ngood\n```\n",
           "<reasoning>a</reasoning><think>b</think>\n```\ngood\n```\n",
           "```\ngood\n```\n<think>```\nbad\n```\n",
           "<|channel|>analysis<|message|>```\nbad\n```<|end|><|start|>assistant<|channel|>final"
           "<|message|>```\ngood\n```<|return|>",
       }) {
    auto kernel = kernel_text(text, kParent);
    ASSERT_TRUE(kernel) << text << kernel.error().message;
    EXPECT_EQ(*kernel, "good\n") << text;
    EXPECT_FALSE(without_thinking(text).thinking.empty());
  }
}

TEST(Reply, NothingButThinkingIsEmpty) {
  EXPECT_EQ(failure("<think>for ever ```\nx\n```"), ModelFailure::empty);
  EXPECT_EQ(failure("<|channel|>analysis<|message|>hm"), ModelFailure::empty);
}

TEST(Reply, WordsWithoutCodeAreNoCode) {
  EXPECT_EQ(failure("I would tile it."), ModelFailure::no_code);
  EXPECT_EQ(failure("```cpp\nint main("), ModelFailure::no_code);
  EXPECT_EQ(failure("```\n\n```\n"), ModelFailure::no_code);
}

TEST(Reply, LineEndsOfWindowsAreFolded) {
  EXPECT_EQ(*kernel_text("```cpp\r\nint x;\r\n```\r\n", kParent), "int x;\n");
  EXPECT_EQ(*kernel_text("<<<<<<< SEARCH\r\nc\r\n=======\r\nC\r\n>>>>>>> REPLACE\r\n", kParent),
            "a\nb\nC\nb\nd\n");
}

TEST(Reply, EditsApplyInTurnToWhatTheOnesBeforeLeft) {
  EXPECT_EQ(
      *kernel_text("Two:\n```\n" + edit("a\nb\n", "x\n") + "```\nand\n" + edit("x\n", "y\nz\n"),
                   kParent),
      "y\nz\nc\nb\nd\n");
  EXPECT_EQ(*kernel_text(edit("c\n", ""), kParent), "a\nb\nb\nd\n");
}

TEST(Reply, AnEditThatMatchesTwiceIsRefused) {
  auto text = kernel_text(edit("b\n", "x\n"), kParent);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind, ModelFailure::patch_mismatch);
  EXPECT_THAT(text.error().message, HasSubstr("edit 1 matches 2 places"));
}

TEST(Reply, AnEditThatMatchesNothingGetsTheNearestText) {
  const std::string parent =
      "int one;\n  for (int i = 0; i < n; ++i)\n    y[i] = x[i];\nint two;\n";
  auto text = kernel_text(edit("for (int i = 0; i < n; i++)\n  y[i] = x[i];\n", "x\n"), parent);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind, ModelFailure::patch_mismatch);
  EXPECT_THAT(text.error().message,
              HasSubstr("nearest text is:\n  for (int i = 0; i < n; ++i)\n    y[i] = x[i];"));
}

TEST(Reply, EditsThatAreNotWholeAreRefused) {
  EXPECT_EQ(failure("<<<<<<< SEARCH\na\n=======\nx\n"), ModelFailure::patch_mismatch);
  EXPECT_EQ(failure("<<<<<<< SEARCH\na\n<<<<<<< SEARCH\n"), ModelFailure::patch_mismatch);
  EXPECT_EQ(failure(edit("", "x\n")), ModelFailure::patch_mismatch);
}

TEST(Reply, CommentsAndLayoutDoNotMakeAnotherKernelButCodeAndHeaderDo) {
  const std::string one = "// kbench: task t\nint a = 1; // one\n\nchar* s = \"// no comment\";\n";
  EXPECT_EQ(
      normalised(one),
      normalised("// kbench: task t\n/* set\n */ int   a = 1;\nchar* s = \"// no comment\";"));
  EXPECT_NE(normalised(one),
            normalised("// kbench: task t\nint a = 2;\nchar* s = \"// no comment\";"));
  EXPECT_NE(normalised(one),
            normalised("// kbench: task u\nint a = 1;\nchar* s = \"// no comment\";"));
  EXPECT_NE(normalised(one),
            normalised("// kbench: task t\nint a = 1;\nchar* s = \"//  no comment\";"));
}

}  // namespace
}  // namespace kbench
