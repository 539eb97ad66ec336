#include "harness/kernel_file.hpp"

#include <gtest/gtest.h>

#include <random>

#include "harness/flag_list.hpp"

namespace kbench {
namespace {

constexpr const char* kStart = "// kbench: task softmax\n// kbench: language cpp\n";
constexpr const char* kLaunch = "// kbench: launch softmax(x, y, rows, cols)\n";

Result<KernelFile> parse(const std::string& lines) {
  return parse_kernel_file(kStart + lines + kLaunch, "k.cpp");
}
// The message for `line`, which stands at line 3 of a cpp file that is right otherwise.
std::string message(const std::string& line) {
  const auto kernel = parse("// kbench: " + line + "\n");
  return kernel ? "no error" : kernel.error().text();
}
// The same for a launch line of a file in `language`.
std::string launch_message(const std::string& language, const std::string& launch) {
  const auto kernel = parse_kernel_file(
      "// kbench: task t\n// kbench: language " + language + "\n// kbench: launch " + launch + "\n",
      "k.cu");
  return kernel ? "no error" : kernel.error().text();
}

TEST(KernelFile, ReadsEveryKeyOfAHeader) {
  const auto kernel = parse(
      "// Row softmax, online.\n"
      "\n"
      "// kbench: dtype    f32 f16\n"
      "// kbench: flags    -O3 | *-O3   -ffast-math\n"
      "// kbench: param    BLOCK  64 128 *256 512\n"
      "// kbench: param    MODE   exact fast\n"
      "// kbench: require  BLOCK * 4 <= 1024\n"
      "// kbench: define   HEAD = cols / 2\n"
      "// kbench: buffer   tmp f32[ceil_div(cols, BLOCK), rows] = 0\n"
      "// kbench: zero     y\n");
  ASSERT_TRUE(kernel.has_value()) << kernel.error().text();
  EXPECT_EQ(kernel->task, "softmax");
  EXPECT_EQ(kernel->languages, std::vector<std::string>{"cpp"});
  EXPECT_EQ(kernel->dtypes, (std::vector<DType>{DType::f32, DType::f16}));
  ASSERT_EQ(kernel->params.size(), 3U);
  EXPECT_EQ(kernel->params[0].values, (std::vector<std::string>{"64", "128", "256", "512"}));
  EXPECT_EQ(kernel->params[2].name, "FLAGS") << "flags come last";
  EXPECT_EQ(canonical(kernel->defaults()), "BLOCK=256,FLAGS=-O3 -ffast-math,MODE=exact");
  EXPECT_EQ(kernel->constraints.size(), 1U);
  EXPECT_EQ(kernel->defines[0].first, "HEAD");
  ASSERT_EQ(kernel->buffers.size(), 1U);
  EXPECT_TRUE(kernel->buffers[0].zeroed);
  EXPECT_EQ(kernel->buffers[0].shape.size(), 2U);
  EXPECT_EQ(kernel->zeroed_tensors, std::vector<std::string>{"y"});
  ASSERT_EQ(kernel->steps.size(), 1U);
  EXPECT_EQ(kernel->steps[0].arguments.size(), 4U);
}

TEST(KernelFile, ReadsALaunchOfADevice) {
  const auto kernel = parse_kernel_file(
      "// kbench: task t\n// kbench: language cuda hip\n"
      "// kbench: launch f<BLOCK, float, (N > 1)><<<(ceil_div(n, 4), m), (BLOCK), 4 * BLOCK>>>"
      "(x, i > 0 ? a : (n ? b : c), int64(m * n), f32(n), n + 1) cooperative cluster=(2, 1, 1)\n",
      "k.cu");
  ASSERT_TRUE(kernel.has_value()) << kernel.error().text();
  const Step& step = kernel->steps[0];
  EXPECT_EQ(step.function, "f");
  EXPECT_EQ(step.template_arguments.size(), 3U);
  EXPECT_EQ(step.grid.size(), 2U);
  EXPECT_EQ(step.block.size(), 1U);
  EXPECT_EQ(step.shared_bytes.text(), "4 * BLOCK");
  EXPECT_EQ(step.cluster.size(), 3U);
  EXPECT_TRUE(step.cooperative);
  ASSERT_EQ(step.arguments.size(), 5U);
  ASSERT_EQ(step.arguments[1].choices.size(), 3U);
  EXPECT_EQ(step.arguments[1].choices[1].name, "b");
  EXPECT_EQ(step.arguments[1].choices[1].condition.text(), "n");
  EXPECT_EQ(step.arguments[2].kind, Argument::Kind::integer64);
  EXPECT_EQ(step.arguments[3].kind, Argument::Kind::float32);
  EXPECT_TRUE(step.arguments[4].choices.empty());
}

TEST(KernelFile, FoldsCarriageReturnsSoThatItsIdentityStays) {
  const std::string text = std::string(kStart) + kLaunch + "void f();\n";
  std::string windows;
  for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(parse_kernel_file(windows, "k.cpp")->hash(), parse_kernel_file(text, "k.cpp")->hash());
}

TEST(KernelFile, EveryRuleHasItsOwnMessageAndPlace) {
  EXPECT_EQ(message("lanch f(x)"), "k.cpp:3:12: unknown key 'lanch' (did you mean 'launch'?)");
  EXPECT_EQ(message("task gelu"),
            "k.cpp:3:12: a second 'task' line (write one with everything in it)");
  EXPECT_EQ(message("require"), "k.cpp:3:12: 'require' needs a value");
  EXPECT_EQ(message("baseline yes"), "k.cpp:3:21: 'baseline' takes nothing");
  EXPECT_EQ(message("dtype f32 f33"), "k.cpp:3:22: unknown dtype 'f33' (did you mean 'f32'?)");
  EXPECT_EQ(message("dtype f32 f32"), "k.cpp:3:22: dtype 'f32' twice");
  EXPECT_EQ(message("param block 1 2"),
            "k.cpp:3:18: 'block' is not the name of a param (write it in capitals, digits and _, "
            "as in BLOCK)");
  EXPECT_EQ(message("param BLOCK"), "k.cpp:3:18: a param without values");
  EXPECT_EQ(message("param BLOCK 1 2 1"), "k.cpp:3:28: the value '1' twice");
  EXPECT_EQ(message("param BLOCK *1 *2"), "k.cpp:3:27: a second default");
  EXPECT_EQ(message("param BLOCK 1;2"),
            "k.cpp:3:24: '1;2' is not a value (values are decimal numbers or words, with blanks "
            "between them)");
  EXPECT_EQ(message("param WARP 1 2"),
            "k.cpp:3:18: 'WARP' already has a meaning (choose another name)");
  EXPECT_EQ(message("define HEAD d"),
            "k.cpp:3:19: a define is written NAME = expression (the name in capitals, digits and "
            "_)");
  EXPECT_EQ(message("buffer t f32"),
            "k.cpp:3:19: a buffer is written name dtype[extent, ...], perhaps with = 0 (as in: "
            "buffer tmp f32[rows, cols])");
  EXPECT_EQ(message("buffer t f32[n] = 1"),
            "k.cpp:3:28: a buffer is written name dtype[extent, ...], perhaps with = 0 (as in: "
            "buffer tmp f32[rows, cols])");
  EXPECT_EQ(message("buffer t f32[n,]"), "k.cpp:3:27: expected a number, a name or '(' in ''");
  EXPECT_EQ(message("require BLOCK *"),
            "k.cpp:3:27: expected a number, a name or '(' in 'BLOCK *'");
  EXPECT_EQ(message("repeat I 3"),
            "k.cpp:3:19: a repeat is written: repeat counter count (the counter's name in small "
            "letters)");
  EXPECT_EQ(message("repeat i 3"), "k.cpp:3:12: a repeat without 'end'");
  EXPECT_EQ(message("end"), "k.cpp:3:12: 'end' without a repeat");
  EXPECT_EQ(message("repeat i 3\n// kbench: end"), "k.cpp:3:12: a repeat of nothing");
  EXPECT_EQ(message("link openblas"),
            "k.cpp:3:12: 'link' is for baselines only (add '// kbench: baseline')");
  EXPECT_EQ(message("link -L/tmp"), "k.cpp:3:17: not the name of a library (as in: openblas)");
  EXPECT_EQ(message("param A 1\n// kbench: define A = 2"), "k.cpp:4:19: 'A' is declared twice");
}

TEST(KernelFile, NamesWhatIsMissing) {
  EXPECT_EQ(parse_kernel_file("void f();", "k.cpp").error().text(),
            "k.cpp:1:1: no task (begin the file with '// kbench: task NAME')");
  EXPECT_EQ(parse_kernel_file("// kbench: task t\n", "k.cpp").error().text(),
            "k.cpp:1:1: no language (add '// kbench: language cpp')");
  EXPECT_EQ(parse_kernel_file(kStart, "k.cpp").error().text(),
            "k.cpp:1:1: no launch (add '// kbench: launch function(arguments)')");
  EXPECT_NE(parse_kernel_file("// kbench: launch f(x)\n", "k.cpp").error().text().find("language"),
            std::string::npos);
}

TEST(KernelFile, ALaunchLineHasItsOwnRules) {
  EXPECT_EQ(launch_message("cpp", "f<<<1, 1>>>(x)"),
            "k.cu:3:20: a function of the host has no <<<grid, block>>>");
  EXPECT_EQ(launch_message("cuda", "f(x)"),
            "k.cu:3:20: expected <<<grid, block>>> after the function's name");
  EXPECT_EQ(launch_message("cuda", "f<<<1>>>(x)"),
            "k.cu:3:23: <<<...>>> has 1 part, it takes grid, block and perhaps shared bytes (put "
            "extents in parentheses: <<<(m, n), (BLOCK)>>>)");
  EXPECT_EQ(launch_message("cuda", "f<<<1, 1(x)"), "k.cu:3:20: expected '>>>' of the launch");
  EXPECT_EQ(launch_message("cuda", "f<<<(1,1,1,1), 1>>>(x)"),
            "k.cu:3:23: the grid has 4 extents, at most 3 are possible");
  EXPECT_EQ(launch_message("cuda", "f<BLOCK(x)"),
            "k.cu:3:20: expected '>' of the template arguments");
  EXPECT_EQ(launch_message("cpp", "f(x"), "k.cu:3:20: expected the arguments in parentheses");
  EXPECT_EQ(launch_message("cpp", "f"), "k.cu:3:20: expected the arguments in parentheses");
  EXPECT_EQ(launch_message("cpp", "f(x,,y)"), "k.cu:3:23: an argument is missing");
  EXPECT_EQ(launch_message("cpp", "f(x) fast"),
            "k.cu:3:24: unexpected 'fast' after the arguments (known: cluster=(x,y,z), "
            "cooperative)");
  EXPECT_EQ(launch_message("opencl", "f<<<1, 1>>>(x) cooperative"),
            "k.cu:3:34: cluster= and cooperative are for cuda and hip");
  EXPECT_EQ(launch_message("cuda", "f<<<1, 1>>>(local(4))"),
            "k.cu:3:31: local(bytes) is for opencl (cuda and hip take shared bytes in <<<grid, "
            "block, shared>>>)");
  EXPECT_EQ(launch_message("opencl", "f<<<1, 1>>>(local(4))"), "no error");
  EXPECT_EQ(launch_message("cpp cuda", "f(x)"),
            "k.cu:2:21: cpp and host-cuda share no file with another language (their launch lines "
            "have no <<<grid, block>>>)");
  EXPECT_EQ(launch_message("cpp", "9f(x)"),
            "k.cu:3:19: expected the name of a function (launch name(arguments))");
}

// EXPLOITS: a header line that says one thing to the parser and another to the compiler.
TEST(KernelFile, HeaderLinesAreOnlyWhatEveryoneReadsAsComments) {
  auto rejected = [](const std::string& text) {
    const auto kernel = parse_kernel_file(text, "k.cpp");
    return kernel ? "accepted" : kernel.error().text();
  };
  const std::string good = std::string(kStart) + kLaunch;
  const std::string param = "// kbench: param N 1 2\n";
  EXPECT_EQ(rejected(good), "accepted");
  EXPECT_EQ(rejected("\n// A licence.\n\n" + good), "accepted");
  const std::string late = "where the code begins";
  EXPECT_NE(rejected("/*\n" + good + "*/\n").find(late), std::string::npos);
  EXPECT_NE(rejected(good + "#if 0\n" + param + "#endif\n").find(late), std::string::npos);
  EXPECT_NE(rejected(good + "const char* s = R\"(\n" + param + ")\";\n").find(late),
            std::string::npos);
  EXPECT_NE(rejected(good + "int x;\n  " + param).find(late), std::string::npos);
  EXPECT_NE(rejected(good + "#define F \\\n" + param).find(late), std::string::npos);
  EXPECT_NE(rejected("#define BLOCK 1\n" + good).find(late), std::string::npos);
  for (const char* end : {"\\", "\\  ", "\\\t", "?\?/"}) {
    EXPECT_NE(rejected(good + "// kbench: param N 1 2 " + end + "\nint x;\n").find("continue"),
              std::string::npos);
    EXPECT_NE(rejected("// prose " + std::string(end) + "\n" + good).find("continue"),
              std::string::npos);
  }
  EXPECT_NE(rejected("// a\rint x;\n" + good).find("control character"), std::string::npos);
  EXPECT_NE(rejected(std::string("// a\0b\n", 7) + good).find("control character"),
            std::string::npos);
  EXPECT_EQ(rejected("//kbench: task t\n"),
            "k.cpp:1:1: a header line is not written as such (write it '// kbench: key ...')");
  for (const char* misspelt :
       {"// Kbench: task t\n", "// kbench : task t\n", "/// kbench: task t\n"}) {
    EXPECT_NE(rejected(misspelt).find("not written as such"), std::string::npos) << misspelt;
  }
}

// 010 is 8 to a compiler and 10 to us; 0x10 is 16 to it and nothing to us.
TEST(KernelFile, ParamValuesMeanTheSameToTheCompiler) {
  for (const char* value : {"010", "0x10", "1'000", "+1", "1u", "a-b", "\"s\"", "1..2", "--1"}) {
    EXPECT_NE(message(std::string("param N ") + value).find("is not a value"), std::string::npos)
        << value;
  }
  for (const char* value : {"0", "-1", "1.5", "1e-3f", "float4", "true"}) {
    EXPECT_EQ(message(std::string("param N ") + value), "no error") << value;
  }
  EXPECT_NE(message("param N 99999999999999999999").find("64 bits"), std::string::npos);
}

TEST(KernelFile, FlagsAreAllowListed) {
  for (const char* flag :
       {"-O3", "-Ofast", "-march=x86-64-v3", "-mtune=native", "--use_fast_math",
        "-ffp-contract=fast", "-mprefer-vector-width=512", "-cl-mad-enable", "--maxrregcount=64"}) {
    EXPECT_TRUE(check_flag(flag).has_value()) << flag;
  }
  for (const char* flag : {"-include",
                           "-I/etc",
                           "-fplugin=x.so",
                           "@file",
                           "-o",
                           "-x",
                           "-Wl,-rpath",
                           "-DN=1",
                           "-B.",
                           "-march=../x",
                           "-march=",
                           "-wrapper",
                           "-specs=a",
                           "--maxrregcount=a",
                           "",
                           "-std=c++03",
                           "-fprofile-use=/x",
                           "-save-temps",
                           "-lm",
                           "a.cpp",
                           "-march=a,b"}) {
    EXPECT_FALSE(check_flag(flag).has_value()) << flag;
  }
  EXPECT_EQ(message("flags -O3 | -O3 -funrol-loops"),
            "k.cpp:3:28: the compiler option '-funrol-loops' is not on the allow list (did you "
            "mean '-funroll-loops'?)");
  EXPECT_EQ(message("flags -O3 |"),
            "k.cpp:3:23: an empty set of options (write -O2 for no more than that)");
  EXPECT_EQ(message("flags -O3 | -O3"), "k.cpp:3:23: the value '-O3' twice");
}

TEST(Params, AreFilledUpAndChecked) {
  const auto kernel = parse(
                          "// kbench: param BLOCK 64 *128\n// kbench: param FAST false true\n"
                          "// kbench: require BLOCK <= n && (FAST || BLOCK == 64)\n")
                          .value();
  const auto params = complete_params(kernel, {{"BLOCK", "64"}});
  EXPECT_EQ(canonical(*params), "BLOCK=64,FAST=false");
  EXPECT_EQ(integers(*params), (Bindings{{"BLOCK", 64}, {"FAST", 0}}));
  EXPECT_EQ(complete_params(kernel, {{"BLOK", "64"}}).error().text(),
            "k.cpp has no param 'BLOK' (did you mean 'BLOCK'?)");
  EXPECT_EQ(complete_params(kernel, {{"BLOCK", "65"}}).error().text(),
            "k.cpp:3: '65' is not a value of BLOCK (did you mean '64'?)");
  EXPECT_TRUE(satisfies(kernel, *params, {{"n", 64}}, {}).value());
  EXPECT_FALSE(satisfies(kernel, *params, {{"n", 63}}, {}).value());
  EXPECT_FALSE(satisfies(kernel, kernel.defaults(), {{"n", 4096}}, {}).value());
  EXPECT_EQ(satisfies(kernel, *params, {{"m", 63}}, {}).error().where, "k.cpp:5");
}

TEST(KernelFile, NeverCrashesOnRandomHeaders) {
  std::mt19937_64 random(7);
  const std::vector<std::string> pieces = {"task",        "language",
                                           "cpp",         "cuda",
                                           "opencl",      "launch",
                                           "prepare",     "repeat",
                                           "i",           "end",
                                           "param",       "N",
                                           "1",           "*2",
                                           "flags",       "-O3",
                                           "|",           "buffer",
                                           "f32[",        "]",
                                           "= 0",         "define",
                                           "=",           "(",
                                           ")",           "<",
                                           ">",           "<<<",
                                           ">>>",         ",",
                                           "?",           ":",
                                           "x",           "\n// kbench: ",
                                           "\n",          " ",
                                           "local(",      "int64(",
                                           "\\",          "\t",
                                           "zero",        "link",
                                           "baseline",    "cluster=(",
                                           "cooperative", "\xff",
                                           "require",     "//",
                                           "/*",          "f"};
  int accepted = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text = i % 2 == 0 ? std::string(kStart) + kLaunch + "// kbench: " : "";
    for (size_t n = random() % 20; n > 0; --n) {
      text += pieces[random() % pieces.size()];
      if (random() % 3 == 0) text += ' ';
    }
    accepted += parse_kernel_file(text, "k").has_value() ? 1 : 0;
    for (char& c : text) {
      if (random() % 8 == 0) c = static_cast<char>(random());
    }
    accepted += parse_kernel_file(text, "k").has_value() ? 1 : 0;
  }
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace kbench
