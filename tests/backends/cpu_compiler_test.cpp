#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "backends/compiler.hpp"
#include "backends/host_compiler.hpp"
#include "backends/image_cache.hpp"
#include "core/sandbox.hpp"

namespace kbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kExport = "extern \"C\" __attribute__((visibility(\"default\"))) ";

// Each compiler that is found, as the test's parameter.
class CpuCompiler : public ::testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    char name[] = "/tmp/kbench-compiler-test-XXXXXX";
    folder_ = mkdtemp(name);
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }
  void SetUp() override {
    bool found = false;
    for (const HostCompiler& compiler : host_compilers()) found |= compiler.name == GetParam();
    if (!found) GTEST_SKIP() << GetParam() << " is not installed";
  }

  static std::unique_ptr<Compiler> compiler() {
    return make_cpp_compiler(folder_ + "/cache", KBENCH_SOURCE_DIR "/harness/include");
  }
  CompileRequest request(const std::string& source) const {
    CompileRequest it;
    it.source = source;
    it.name = "softmax.cpp";
    it.compiler = GetParam();
    it.flags = {"-O1"};
    return it;
  }
  static CompiledImage compile(const CompileRequest& it) {
    auto image = compiler()->compile(it);
    EXPECT_TRUE(image.has_value()) << image.error().text();
    return image.value_or(CompiledImage{});
  }
  static int call(const CompiledImage& image, const char* name) {
    void* library = dlopen(image.path.c_str(), RTLD_NOW | RTLD_LOCAL);
    EXPECT_NE(library, nullptr) << dlerror();
    if (library == nullptr) return -1;
    auto* function = reinterpret_cast<int (*)()>(dlsym(library, name));
    EXPECT_NE(function, nullptr);
    const int result = function != nullptr ? function() : -1;
    dlclose(library);
    return result;
  }
  static std::string folder_;
};
std::string CpuCompiler::folder_;

TEST_P(CpuCompiler, MakesAnImageThatRuns) {
  const CompiledImage image = compile(request(std::string(kExport) + "int f() { return 42; }"));
  ASSERT_EQ(image.status, CompileStatus::ok) << image.log;
  EXPECT_EQ(call(image, "f"), 42);
  EXPECT_GT(image.code_bytes, 0);
  EXPECT_EQ(image.code_hash.size(), 64u);
  EXPECT_THAT(image.compiler, ::testing::StartsWith(GetParam() + " "));
  EXPECT_THAT(image.target, Not(HasSubstr("native")));
}

TEST_P(CpuCompiler, GivesDefinitionsAndThePreludeToTheSource) {
  CompileRequest it = request(std::string("#include <kbench.h>\n") + kExport +
                              "int f() { x_t value(BLOCK); return (int)(float)value; }");
  it.definitions = {{"BLOCK", "256"}, {"x_t", "bf16"}};
  const CompiledImage image = compile(it);
  ASSERT_EQ(image.status, CompileStatus::ok) << image.log;
  EXPECT_EQ(call(image, "f"), 256);
}

TEST_P(CpuCompiler, DefinitionsDoNotReachThePrelude) {
  CompileRequest it = request(std::string(kExport) + "int f() { return T + N; }");
  it.definitions = {{"T", "1"}, {"N", "2"}, {"size", "3"}, {"value", "4"}};
  EXPECT_EQ(compile(it).status, CompileStatus::ok);
}

TEST_P(CpuCompiler, AnswersFromItsCache) {
  const CompileRequest it = request(std::string(kExport) + "int f() { return 43; }");
  const CompiledImage first = compile(it), second = compile(it);
  EXPECT_FALSE(first.cached);
  EXPECT_TRUE(second.cached);
  EXPECT_EQ(second.path, first.path);
  EXPECT_EQ(second.code_hash, first.code_hash);
  EXPECT_EQ(second.code_bytes, first.code_bytes);
  EXPECT_EQ(second.compiler, first.compiler);
}

TEST_P(CpuCompiler, TellsFlagsAndDefinitionsApart) {
  CompileRequest it = request(std::string(kExport) + "int f() { return BLOCK; }");
  it.definitions = {{"BLOCK", "1"}};
  const CompiledImage one = compile(it);
  it.definitions = {{"BLOCK", "2"}};
  const CompiledImage two = compile(it);
  it.flags = {"-O2"};
  const CompiledImage flagged = compile(it);
  EXPECT_NE(one.path, two.path);
  EXPECT_NE(two.path, flagged.path);
  EXPECT_NE(one.code_hash, two.code_hash);
}

TEST_P(CpuCompiler, HashesCodeNotComments) {
  const std::string code = std::string(kExport) + "int f() { return 44; }";
  const CompiledImage plain = compile(request(code));
  const CompiledImage commented = compile(request("// a word\n" + code));
  const CompiledImage other = compile(request(std::string(kExport) + "int f() { return 45; }"));
  EXPECT_NE(plain.path, commented.path);
  EXPECT_EQ(plain.code_hash, commented.code_hash);
  EXPECT_NE(plain.code_hash, other.code_hash);
}

TEST_P(CpuCompiler, NamesTheKernelInMessages) {
  const CompiledImage image = compile(request("int f() {\n  return nothing;\n}"));
  EXPECT_EQ(image.status, CompileStatus::error);
  EXPECT_THAT(image.log, HasSubstr("softmax.cpp:2:10"));
  EXPECT_THAT(image.log, Not(HasSubstr(folder_)));
}

TEST_P(CpuCompiler, RefusesASymbolThatNobodyDefines) {
  const CompiledImage image =
      compile(request(std::string("int missing();") + kExport + "int f() { return missing(); }"));
  EXPECT_EQ(image.status, CompileStatus::error);
}

TEST_P(CpuCompiler, StopsACompileBombAtTheTimeLimit) {
  CompileRequest it = request(
      "template <int n, int m> struct A { static constexpr unsigned long v = A<n - 1, m * 2>::v + "
      "A<n - 1, m * 2 + 1>::v; };\ntemplate <int m> struct A<0, m> { static constexpr unsigned "
      "long "
      "v = m; };\nunsigned long f() { return A<28, 0>::v; }");
  it.limit = std::chrono::milliseconds(500);
  EXPECT_EQ(compile(it).status, CompileStatus::timeout);
}

TEST_P(CpuCompiler, StopsAnImageThatGrowsTooLarge) {
  const CompiledImage image =
      compile(request("__attribute__((visibility(\"default\"))) char huge[1u << 31] = {1};"));
  EXPECT_EQ(image.status, CompileStatus::resource_limit) << image.log;
}

TEST_P(CpuCompiler, ShowsNoFilesButTheSystems) {
  if (!sandbox_level().starts_with("namespaces")) GTEST_SKIP() << sandbox_level();
  const std::string secret = folder_ + "/secret";
  std::ofstream(secret) << "the_answer_is_here\n";
  for (const std::string& file : {secret, std::string("/etc/passwd")}) {
    const CompiledImage included = compile(request("#include \"" + file + "\"\n"));
    EXPECT_EQ(included.status, CompileStatus::error);
    EXPECT_THAT(included.log, Not(HasSubstr("the_answer_is_here")));
    EXPECT_THAT(included.log, Not(HasSubstr("root:")));
    EXPECT_NE(compile(request("asm(\".incbin \\\"" + file + "\\\"\");")).status, CompileStatus::ok);
  }
}

TEST_P(CpuCompiler, ManyThreadsAndACompilerEachMayRaceForTheSameImage) {
  std::vector<std::thread> threads;
  std::vector<CompiledImage> images(4);
  for (CompiledImage& image : images) {
    threads.emplace_back([&] {
      CompileRequest it = request(std::string(kExport) + "int f() { return 46; }");
      it.flags = {"-O2", "-funroll-loops"};  // a prelude nobody has made yet
      image = compile(it);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const CompiledImage& image : images) {
    ASSERT_EQ(image.status, CompileStatus::ok) << image.log;
    EXPECT_EQ(image.path, images[0].path);
  }
  EXPECT_EQ(call(images[0], "f"), 46);
}

TEST_P(CpuCompiler, LeavesNoScratchBehind) {
  compile(request(std::string(kExport) + "int f() { return 47; }"));
  compile(request("no C++ at all"));
  EXPECT_TRUE(fs::is_empty(folder_ + "/cache/scratch"));
}

TEST_P(CpuCompiler, UsesThePrecompiledPrelude) {
  compile(request(std::string("#include <kbench.h>\n") + kExport + "int f() { return 48; }"));
  bool precompiled = false;
  for (const auto& folder : fs::directory_iterator(folder_ + "/cache/prelude")) {
    precompiled |= fs::exists(folder.path() / "kbench.h.gch");
    precompiled |= fs::exists(folder.path() / "kbench.h.pch");
  }
  EXPECT_TRUE(precompiled);
  CompileRequest it = request(std::string("#include <immintrin.h>\n#include <kbench.h>\n") +
                              kExport + "int f() { return BLOCK; }");
  it.definitions = {{"BLOCK", "3"}};
  it.flags = {"-O1"};
  if (GetParam() == "g++")
    it.source = "#pragma GCC diagnostic error \"-Winvalid-pch\"\n" + it.source;
  EXPECT_EQ(compile(it).status, CompileStatus::ok);
}

TEST(CpuCompilers, AnUnknownOneIsAnErrorThatNamesTheKnown) {
  CompileRequest it;
  it.compiler = "gpp";
  auto image = make_cpp_compiler("/tmp", KBENCH_SOURCE_DIR "/harness/include")->compile(it);
  ASSERT_FALSE(image.has_value());
  EXPECT_THAT(image.error().text(), HasSubstr("g++"));
}

INSTANTIATE_TEST_SUITE_P(Each, CpuCompiler, ::testing::Values("g++", "clang++"),
                         [](const auto& it) {
                           return std::string(it.param == "g++" ? "gcc" : "clang");
                         });

}  // namespace
}  // namespace kbench
