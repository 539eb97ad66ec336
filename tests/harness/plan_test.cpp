#include "harness/plan.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace kbench {
namespace {

Task softmax() {
  Task task;
  task.name = "softmax";
  task.dims = {"rows", "cols"};
  task.tensors = {{"x", Io::in, false, {}}, {"y", Io::out, false, {}}, {"w", Io::in, true, {}}};
  task.scalars = {{"eps", DType::f32, 1e-5}, {"seed", DType::i32, 7}};
  for (const DType dtype : {DType::f32, DType::f16}) {
    task.variants.push_back(
        {std::string(name_of(dtype)), {{"x", dtype}, {"y", dtype}, {"w", DType::u8}}, DType::f32});
  }
  return task;
}

Problem problem(int64_t rows, int64_t cols, const std::string& variant = "f32") {
  Problem problem;
  problem.task = "softmax";
  problem.variant = variant;
  problem.dims = {{"rows", rows}, {"cols", cols}};
  return problem;
}

KernelFile kernel(const std::string& lines, const std::string& language = "cpp",
                  const std::string& code = "") {
  const auto parsed = parse_kernel_file(
      "// kbench: task softmax\n// kbench: language " + language + "\n" + lines + code, "k.cpp");
  EXPECT_TRUE(parsed.has_value()) << parsed.error().text();
  return parsed.value_or(KernelFile{});
}

Result<LaunchPlan> plan(const std::string& lines, const Problem& on,
                        const std::string& language = "cpp") {
  const KernelFile parsed = kernel(lines, language);
  return make_plan(parsed, parsed.defaults(), softmax(), on, {{"CORES", 2}, {"WARP", 32}});
}

std::string failure(const std::string& lines, const std::string& language = "cpp") {
  const auto planned = plan(lines, problem(3, 5), language);
  return planned ? "no error" : planned.error().text();
}

TEST(Plan, NumbersTensorsAndTypesArguments) {
  const auto planned = plan(
      "// kbench: buffer t x_t[rows, cols + 1]\n"
      "// kbench: launch f(x, y, t, w, rows, int64(rows * cols), f32(cols), f64(2), eps, seed)\n",
      problem(3, 5, "f16"));
  ASSERT_TRUE(planned.has_value()) << planned.error().text();
  EXPECT_EQ(planned->stubs[0].types,
            (std::vector<std::string>{"const f16*", "f16*", "f16*", "const uint8_t*", "int",
                                      "int64_t", "float", "double", "float", "int32_t"}));
  const auto& arguments = planned->calls[0].arguments;
  EXPECT_EQ(arguments[2].tensor, 3) << "buffers follow the task's tensors";
  EXPECT_EQ(arguments[5].integer, 15);
  EXPECT_EQ(arguments[6].real, 5.0);
  EXPECT_EQ(arguments[8].real, 1e-5);
  EXPECT_EQ(arguments[9].scalar_dtype, DType::i32);
  EXPECT_EQ(planned->buffers[0].elements, 18);
  EXPECT_EQ(planned->buffers[0].bytes(), 36U);
  EXPECT_EQ(planned->poisoned, std::vector<int>{3});
}

TEST(Plan, UnrollsRepeatsAndPicksPingPongBuffers) {
  const auto planned = plan(
      "// kbench: buffer t f32[rows]\n"
      "// kbench: repeat i rows\n"
      "// kbench: launch f(i == 0 ? x : ((rows - i) % 2 ? t : y), (rows - i) % 2 ? y : t, i)\n"
      "// kbench: end\n",
      problem(3, 5));
  ASSERT_TRUE(planned.has_value()) << planned.error().text();
  ASSERT_EQ(planned->calls.size(), 3U);
  std::vector<std::array<int, 2>> in_out;
  for (const PlannedCall& call : planned->calls) {
    in_out.push_back({call.arguments[0].tensor, call.arguments[1].tensor});
  }
  EXPECT_EQ(in_out, (std::vector<std::array<int, 2>>{{0, 1}, {1, 3}, {3, 1}}));
  EXPECT_EQ(planned->calls[2].arguments[2].integer, 2);
  ASSERT_EQ(planned->stubs.size(), 1U);
  EXPECT_EQ(planned->stubs[0].types[0], "const float*") << "one alternative is an input";
}

TEST(Plan, StubsDoNotDependOnTheDims) {
  const std::string lines =
      "// kbench: param BLOCK 32 64\n"
      "// kbench: launch f<BLOCK, float><<<rows, BLOCK>>>(x, y)\n"
      "// kbench: launch g<<<cols - 1, BLOCK>>>(y)\n";
  const auto some = plan(lines, problem(3, 5), "cuda"), none = plan(lines, problem(0, 1), "cuda");
  EXPECT_EQ(some->calls.size(), 2U);
  EXPECT_EQ(none->calls.size(), 0U) << "zero grids are skipped";
  ASSERT_EQ(none->stubs.size(), 2U);
  EXPECT_EQ(some->stubs[0].template_arguments, (std::vector<std::string>{"32", "float"}));
  EXPECT_EQ(some->calls[1].grid[0], 4);
  EXPECT_EQ(some->calls[1].block[0], 32);
}

TEST(Plan, PrepareMakesBuffersThatAreReadOnlyAfterwards) {
  const std::string lines =
      "// kbench: buffer packed f32[rows]\n"
      "// kbench: buffer sum f32[1] = 0\n"
      "// kbench: zero y\n"
      "// kbench: prepare pack(w, packed)\n"
      "// kbench: launch f(x, packed, sum, y)\n";
  const auto planned = plan(lines, problem(3, 5));
  ASSERT_TRUE(planned.has_value()) << planned.error().text();
  EXPECT_EQ(planned->prepare.size(), 1U);
  EXPECT_EQ(planned->stubs[0].types[1], "float*");
  EXPECT_EQ(planned->stubs[1].types[1], "const float*");
  EXPECT_EQ(planned->prepared, std::vector<int>{3});
  EXPECT_EQ(planned->zeroed, (std::vector<int>{4, 1}));
  EXPECT_TRUE(planned->poisoned.empty());
  EXPECT_EQ(failure("// kbench: prepare pack(x)\n// kbench: launch f(y)\n"),
            "k.cpp:3:25: 'prepare' cannot use x (it sees the task's constant tensors and buffers "
            "only)");
}

TEST(Plan, NamesWhatIsWrongAndWhere) {
  EXPECT_EQ(failure("// kbench: launch f(x, z)\n"),
            "k.cpp:3:24: 'z' is no tensor, buffer, scalar, dim or param (did you mean 'x' or 'y' "
            "or 'w'?)");
  EXPECT_EQ(failure("// kbench: launch f(x, rowz)\n"),
            "k.cpp:3:24: 'rowz' is no tensor, buffer, scalar, dim or param (did you mean "
            "'rows'?)");
  EXPECT_EQ(failure("// kbench: launch f(rows + colz)\n"),
            "k.cpp:3: unknown name 'colz' in 'rows + colz' (did you mean 'cols'?)");
  EXPECT_EQ(failure("// kbench: buffer x f32[1]\n// kbench: launch f(x)\n"),
            "k.cpp:3: 'x' is already a name of task softmax (choose another name)");
  EXPECT_EQ(failure("// kbench: buffer t z_t[1]\n// kbench: launch f(t)\n"),
            "k.cpp:3: no tensor has the type 'z_t' (did you mean 'x_t' or 'y_t' or 'w_t'?)");
  EXPECT_EQ(failure("// kbench: buffer t f32[rows - 9]\n// kbench: launch f(t)\n"),
            "k.cpp:3: buffer t has the negative extent rows - 9 = -6");
  EXPECT_EQ(failure("// kbench: zero x\n// kbench: launch f(y)\n"),
            "k.cpp: 'zero x': not an output of the task (did you mean 'y'?)");
  EXPECT_EQ(failure("// kbench: launch f(rows ? x : w)\n"),
            "k.cpp:3:21: x is f32 and w is u8: one argument has one type");
  EXPECT_EQ(failure("// kbench: launch f<rows>(x)\n"),
            "k.cpp:3: 'rows' in the template argument 'rows' is not known when the kernel is "
            "compiled (a dim needs a line 'define NAME = rows')");
  EXPECT_EQ(failure("// kbench: param BLOCK 1\n// kbench: launch f<BLOK>(x)\n"),
            "k.cpp:4: 'BLOK' in the template argument 'BLOK' is unknown (did you mean 'BLOCK'?)");
  EXPECT_EQ(failure("// kbench: launch f<<<rows, 0>>>(x)\n", "cuda"),
            "k.cpp:3: 0 is 0 in the launch of f (at least 1 is needed)");
  EXPECT_EQ(failure("// kbench: repeat i rows - 9\n// kbench: launch f(x)\n// kbench: end\n"),
            "k.cpp:3: repeat rows - 9 = -6 times");
}

TEST(Plan, WhatAKernelDoesNotSupportIsNoMistakeInIt) {
  const auto kind = [](const Result<LaunchPlan>& planned) {
    return planned ? ErrorKind::interrupted : planned.error().kind;
  };
  const std::string launch = "// kbench: launch f(rows * cols)\n";
  const auto large = plan(launch, problem(1 << 20, 1 << 20));
  EXPECT_EQ(kind(large), ErrorKind::rejected);
  EXPECT_EQ(large.error().text(),
            "k.cpp:3:21: rows * cols = 1099511627776 does not fit an int; int64(rows * cols) would "
            "hold it");
  EXPECT_TRUE(plan("// kbench: launch f(int64(rows * cols))\n", problem(1 << 20, 1 << 20)));
  EXPECT_EQ(kind(plan("// kbench: dtype f16\n" + launch, problem(1, 1))), ErrorKind::rejected);
  EXPECT_EQ(kind(plan("// kbench: buffer t f64[rows, rows]\n" + launch, problem(1 << 30, 1))),
            ErrorKind::rejected);
  EXPECT_EQ(
      kind(plan("// kbench: repeat i rows\n" + launch + "// kbench: end\n", problem(200'000, 1))),
      ErrorKind::rejected);
}

TEST(Identity, CandidatesDifferInTextParamsOrLanguage) {
  const KernelFile one = kernel("// kbench: param N 1 2\n// kbench: launch f(x)\n");
  const KernelFile two = kernel("// kbench: param N 1 2\n// kbench: launch f(y)\n");
  const auto hash = candidate_hash(one, one.defaults(), "cpp");
  EXPECT_EQ(hash, candidate_hash(one, {{"N", "1"}}, "cpp"));
  EXPECT_NE(hash, candidate_hash(one, {{"N", "2"}}, "cpp"));
  EXPECT_NE(hash, candidate_hash(two, two.defaults(), "cpp"));
  EXPECT_NE(hash, candidate_hash(one, one.defaults(), "cuda"));
}

TEST(Identity, EquivalentMeansTheSameCodeCalledInTheSameWay) {
  const auto hash = [](const std::string& lines, const Problem& on) {
    return equivalent_hash("code", *plan(lines, on, "cuda"));
  };
  const std::string by_param = "// kbench: param B 64\n// kbench: launch f<<<rows, B>>>(x, rows)\n";
  EXPECT_EQ(hash(by_param, problem(3, 5)),
            hash("// kbench: launch f<<<(rows), 64, 0>>>(x, rows)\n", problem(3, 9)));
  EXPECT_NE(hash(by_param, problem(3, 5)), hash(by_param, problem(4, 5)));
  EXPECT_NE(hash(by_param, problem(3, 5)),
            hash("// kbench: launch f<<<rows, 64>>>(y, rows)\n", problem(3, 5)));
}

// Compiles a kernel with its tail; the compiler's words, "" when it is content.
std::string compile(const std::string& lines, const std::string& code,
                    const std::string& variant = "f32") {
  const KernelFile parsed = kernel(lines, "cpp", code);
  const auto planned = make_plan(parsed, parsed.defaults(), softmax(), problem(3, 5, variant), {});
  EXPECT_TRUE(planned.has_value()) << planned.error().text();
  const auto folder = std::filesystem::path(testing::TempDir());
  const auto source = folder / "kbench_tail.cpp", object = folder / "kbench_tail.o";
  std::ofstream(source) << parsed.source << "\n" << cpp_tail(*planned);
  FILE* compiler = popen(("c++ -std=c++20 -fvisibility=hidden -Wall -Wextra -I" KBENCH_SOURCE_DIR
                          "/harness/include -c -o " +
                          object.string() + " " + source.string() + " 2>&1")
                             .c_str(),
                         "r");
  std::string words;
  for (int c = 0; (c = std::fgetc(compiler)) != EOF;) words += static_cast<char>(c);
  pclose(compiler);
  return words;
}

TEST(CppTail, CallsFunctionsTemplatesAndReadersOfOutputs) {
  EXPECT_EQ(
      compile("// kbench: param BLOCK 8\n"
              "// kbench: launch f<BLOCK, float>(x, y, rows, int64(rows), f32(2), eps, seed)\n"
              "// kbench: launch g(y, y)\n"
              "// kbench: launch h()\n",
              "#include <stdint.h>\n"
              "template <int block, class type> static void f(const type* __restrict x, type* y,\n"
              "  const int rows, int64_t all, float two, float eps, int32_t seed) {\n"
              "  y[0] = x[block] + rows + all + two + eps + seed;\n"
              "}\n"
              "namespace { void g(const float* y, float* z) noexcept { z[0] = y[1]; } }\n"
              "static void h() {}"),
      "");
}

TEST(CppTail, NamesTheArgumentThatHasTheWrongType) {
  const auto words = [](const std::string& function) {
    return compile("// kbench: launch f(x, y, rows)\n", function);
  };
  const std::string wrong_input = words("void f(float*, float*, int) {}");
  EXPECT_NE(wrong_input.find("argument 1 of f must be declared const float*: the kernel may only "
                             "read it"),
            std::string::npos)
      << wrong_input;
  EXPECT_NE(wrong_input.find("kbench_tail.cpp:3:"), std::string::npos)
      << "the place is the launch line: " << wrong_input;
  EXPECT_NE(words("void f(const float*, double*, int) {}").find("argument 2 of f must be declared"),
            std::string::npos);
  EXPECT_NE(
      words("void f(const float*, float*, long) {}").find("argument 3 of f must be declared int"),
      std::string::npos);
  EXPECT_NE(words("int f(const float*, float*, int) { return 0; }").find("f must return void"),
            std::string::npos);
  EXPECT_NE(words("void f(const float*, float*) {}").find("f must take 3 arguments"),
            std::string::npos);
  EXPECT_NE(words("void g() {}").find("was not declared"), std::string::npos);
}

TEST(CppTail, StorageTypesComeFromThePrelude) {
  const std::string code =
      "#include <kbench.h>\n"
      "void f(const f16* x, f16* y) { *y = *x * 2 + float(bf16(1.5f)); y[1] = 1; }";
  EXPECT_EQ(compile("// kbench: launch f(x, y)\n", code, "f16"), "");
  EXPECT_NE(compile("// kbench: launch f(x, y)\n", code, "f32").find("declared const float*"),
            std::string::npos);
}

}  // namespace
}  // namespace kbench
