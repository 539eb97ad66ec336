#include "backends/simt_instructions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <regex>
#include <string_view>

#include "core/text.hpp"

namespace kbench {

namespace {

using Match = const std::smatch&;
using All = const Operands&;

struct Instruction {
  std::regex opcode;   // the whole of it
  size_t least, most;  // operands
  std::function<std::string(Match, All)> text;
};

std::string call(const std::string& function, All operands) {
  return "::" + function + "(" + join(operands, ", ") + ");";
}
std::string type_of(const std::string& type) {
  return type_of_registers(type);
}
std::string element_of(const std::string& type) {
  return type == "f16" ? "__half" : type == "bf16" ? "__nv_bfloat16" : "tf32";
}
// d = function<type>(all but d)
std::string computed(const std::string& function, const std::string& type, All all) {
  return fmt::format("::kbench_ptx::set({}, ::kbench_ptx::{}<{}>({}));", all[0], function, type,
                     join(Operands(all.begin() + 1, all.end()), ", "));
}

// Which cache keeps the data, and for how long, changes no result.
const std::string kHints = R"((?:\.(?:nc|ca|cg|cs|cv|lu|wb|wt|weak|L1::\w+|L2::\w+))*)";
const std::string kType = R"(\.(pred|f16x2|bf16x2|f16|bf16|f32|f64|[bsu](?:8|16|32|64)))";
const std::string kRounding =
    R"((?:\.(?:rn|rz|rm|rp|approx|full|ftz|sat|rni|rzi|rmi|rpi|rna|satfinite))*)";

std::vector<Instruction> tensor_cores_and_copies() {
  return {
      {std::regex(R"(mma\.sync\.aligned\.m16n8k(16|8)\.row\.col\.f32\.(f16|bf16)\.\2\.f32)"), 10,
       14,
       [](Match m, All all) {
         return call(fmt::format("kbench_ptx::mma<{}, {}>", element_of(m[2]), m[1].str()), all);
       }},
      {std::regex(R"(mma\.sync\.aligned\.m16n8k(8|4)\.row\.col\.f32\.tf32\.tf32\.f32)"), 11, 14,
       [](Match m, All all) {
         return call(fmt::format("kbench_ptx::mma<tf32, {}>", m[1].str()), all);
       }},
      {std::regex(R"(ldmatrix\.sync\.aligned\.m8n8\.x([124])(\.trans)?\.shared(?:::cta)?\.b16)"), 2,
       5,
       [](Match m, All all) {
         Operands address_first = {all.back()};
         address_first.insert(address_first.end(), all.begin(), all.end() - 1);
         return call(fmt::format("kbench_ptx::ldmatrix<{}, {}>", m[1].str(), m[2].matched),
                     address_first);
       }},
      {std::regex(R"(cp\.async\.(ca|cg)\.shared(?:::cta)?\.global(?:\.L2::(?:64|128|256)B)?)"), 3,
       4,
       [](Match m, All all) {
         return call(m[1] == "cg" ? "kbench_ptx::copy_async<16>" : "kbench_ptx::copy_async<4>",
                     {all[0], all[1], all[2], all.back()});
       }},
      {std::regex(R"(cp\.async\.commit_group)"), 0, 0,
       [](Match, All all) { return call("kbench_simt::commit_copies", all); }},
      {std::regex(R"(cp\.async\.wait_group)"), 1, 1,
       [](Match, All all) { return call("kbench_simt::wait_for_copies", all); }},
      {std::regex(R"(cp\.async\.wait_all)"), 0, 0,
       [](Match, All all) { return call("kbench_simt::wait_for_all_copies", all); }}};
}

std::vector<Instruction> memory() {
  const auto atomic = [](Match m, All all, bool answers) {
    const std::string operation = m[1], type = type_of(m[2]);
    Operands operands(all.begin() + (answers ? 1 : 0), all.end());
    const std::string text =
        fmt::format("::kbench_ptx::atomic_{}<{}>({})", operation, type, join(operands, ", "));
    return answers ? fmt::format("::kbench_ptx::set({}, {});", all[0], text) : text + ";";
  };
  return {
      {std::regex(R"(ld(\.volatile|\.relaxed\.\w+|\.acquire\.\w+)?\.(global|shared)(?:::cta)?)" +
                  kHints + R"((?:\.v[24])?)" + kType),
       2, 5,
       [](Match m, All all) {
         Operands address_first = {all.back()};
         address_first.insert(address_first.end(), all.begin(), all.end() - 1);
         return call(fmt::format("kbench_ptx::load_{}<{}, {}, {}>", m[2].str(), type_of(m[3]),
                                 all.size() - 1, m[1].matched),
                     address_first);
       }},
      {std::regex(R"(st(\.volatile|\.relaxed\.\w+|\.release\.\w+)?\.(global|shared)(?:::cta)?)" +
                  kHints + R"((?:\.v[24])?)" + kType),
       2, 5,
       [](Match m, All all) {
         const std::string fence =
             m[1].str().starts_with(".release") ? "::kbench_simt::fence(); " : "";
         return fence + call(fmt::format("kbench_ptx::store_{}<{}, {}, {}>", m[2].str(),
                                         type_of(m[3]), all.size() - 1, m[1].matched),
                             all);
       }},
      {std::regex(
           R"(red(?:\.relaxed|\.release)?(?:\.gpu|\.sys|\.cta)?(?:\.global|\.shared(?:::cta)?)?\.(add|min|max|and|or|xor|inc|dec)(?:\.noftz)?)" +
           kType),
       2, 2, [=](Match m, All all) { return atomic(m, all, false); }},
      {std::regex(
           R"(atom(?:\.relaxed|\.acquire|\.release|\.acq_rel)?(?:\.gpu|\.sys|\.cta)?(?:\.global|\.shared(?:::cta)?)?\.(add|min|max|and|or|xor|inc|dec|exch|cas)(?:\.noftz)?)" +
           kType),
       3, 4,
       [=](Match m, All all) {
         const bool orders = m[0].str().find("rel") != std::string::npos;
         return std::string(orders ? "::kbench_simt::fence(); " : "") + atomic(m, all, true);
       }},
      {std::regex(R"((?:prefetchu?|applypriority|discard)(?:\.\w+(?:::\w+)?)*)"), 1, 2,
       [](Match, All) { return std::string("static_cast<void>(0);"); }},
      {std::regex(R"((?:membar\.(?:cta|gl|sys)|fence(?:\.acq_rel|\.sc)?\.(?:cta|gpu|sys)))"), 0, 0,
       [](Match, All all) { return call("kbench_simt::fence", all); }},
      {std::regex(R"(cvta(\.to)?\.(shared|global)\.u(?:32|64))"), 2, 2, [](Match m, All all) {
         if (m[2] == "global") return call("kbench_ptx::set", all);
         const std::string way = m[1].matched ? "to_shared" : "from_shared";
         return fmt::format("::kbench_ptx::set({}, ::kbench_ptx::{}({}));", all[0], way, all[1]);
       }}};
}

std::vector<Instruction> warps_and_barriers() {
  const auto line = [](All all, const std::string& function) { return call(function, all); };
  return {{std::regex(R"((?:bar|barrier)(?:\.cta)?(?:\.sync)(?:\.aligned)?)"), 1, 2,
           [=](Match, All all) { return line(all, "kbench_ptx::barrier"); }},
          {std::regex(R"(bar\.warp\.sync)"), 1, 1,
           [=](Match, All all) { return line(all, "__syncwarp"); }},
          {std::regex(R"(nanosleep\.u32)"), 1, 1,
           [](Match, All) { return std::string("::kbench_simt::let_others_run();"); }},
          {std::regex(R"(trap)"), 0, 0, [=](Match, All all) { return line(all, "__trap"); }},
          {std::regex(R"(activemask\.b32)"), 1, 1,
           [](Match, All all) { return all[0] + " = ::__activemask();"; }},
          {std::regex(R"(shfl\.sync\.(up|down|bfly|idx)\.b32)"), 5, 5,
           [](Match m, All all) {
             return fmt::format("::kbench_ptx::shfl_{}({});", m[1].str(), join(all, ", "));
           }},
          {std::regex(R"(vote\.sync\.(ballot|any|all)\.(?:b32|pred))"), 3, 3,
           [](Match m, All all) {
             return fmt::format("{} = ::__{}_sync({}, {});", all[0], m[1].str(), all[2], all[1]);
           }},
          {std::regex(R"(match\.any\.sync\.b(?:32|64))"), 3, 3,
           [](Match, All all) {
             return fmt::format("{} = ::__match_any_sync({}, {});", all[0], all[2], all[1]);
           }},
          {std::regex(R"(redux\.sync\.(add|min|max|and|or|xor)\.([bsu]32))"), 3, 3,
           [](Match m, All all) {
             return fmt::format(
                 "::kbench_ptx::set({}, ::__reduce_{}_sync({}, ::kbench_ptx::as<{}>({})));", all[0],
                 m[1].str(), all[2], type_of(m[2]), all[1]);
           }}};
}

std::vector<Instruction> arithmetic() {
  const auto named = [](Match m, All all) {
    return computed("op_" + m[1].str(), type_of(m[2]), all);
  };
  return {
      {std::regex(R"(mov)" + kType), 2, 2,
       [](Match, All all) { return call("kbench_ptx::set", all); }},
      {std::regex(
           R"((add|sub|mul|div|rem|min|max|fma|abs|neg|sqrt|rcp|rsqrt|sin|cos|ex2|lg2|tanh|and|or|xor|not|shl|shr|popc|clz|brev|bfe|bfi|mad)(?:\.lo)?)" +
           kRounding + kType),
       2, 5, named},
      {std::regex(R"((mul|mad)\.(hi|wide))" + kType), 3, 4,
       [](Match m, All all) {
         return computed("op_" + m[1].str() + "_" + m[2].str(), type_of(m[3]), all);
       }},
      {std::regex(R"(lop3\.b32)"), 5, 5,
       [](Match, All all) { return computed("lop3", "uint32_t", all); }},
      {std::regex(R"(prmt\.b32)"), 4, 4,
       [](Match, All all) { return computed("prmt", "uint32_t", all); }},
      {std::regex(R"(shf\.([lr])\.(wrap|clamp)\.b32)"), 4, 4,
       [](Match m, All all) {
         return computed("shf_" + m[1].str() + "_" + m[2].str(), "uint32_t", all);
       }},
      {std::regex(R"(dp4a\.([us])32\.\1(?:32))"), 4, 4,
       [](Match m, All all) {
         return computed("dp4a", m[1] == "s" ? "int32_t" : "uint32_t", all);
       }},
      {std::regex(R"(cvt)" + kRounding + R"(\.(f16x2|bf16x2)\.f32)"), 3, 3,
       [](Match m, All all) { return computed("pair", type_of(m[1]), all); }},
      {std::regex(R"(cvt\.rna\.tf32\.f32)"), 2, 2,
       [](Match, All all) { return computed("round_tf32", "float", all); }},
      {std::regex(R"(cvt((?:\.(?:rn|rz|rm|rp|ftz|sat|rni|rzi|rmi|rpi))*))" + kType + kType), 2, 2,
       [](Match m, All all) {
         const std::string way = m[1];
         const char mode = way.find(".rm") != std::string::npos   ? 'd'
                           : way.find(".rp") != std::string::npos ? 'u'
                           : way.find(".rz") != std::string::npos ? 'z'
                                                                  : 'n';
         return computed("convert", fmt::format("{}, {}, '{}'", type_of(m[2]), type_of(m[3]), mode),
                         all);
       }},
      {std::regex(R"(selp)" + kType), 4, 4,
       [](Match m, All all) { return computed("select_by", type_of(m[1]), all); }},
      {std::regex(R"(setp\.(eq|ne|lt|le|gt|ge|lo|ls|hi|hs)(?:\.ftz)?)" + kType), 3, 3,
       [](Match m, All all) {
         static const std::array kSigns = {std::pair{"eq", "=="}, std::pair{"ne", "!="},
                                           std::pair{"lt", "<"},  std::pair{"lo", "<"},
                                           std::pair{"le", "<="}, std::pair{"ls", "<="},
                                           std::pair{"gt", ">"},  std::pair{"hi", ">"},
                                           std::pair{"ge", ">="}, std::pair{"hs", ">="}};
         const auto sign = std::find_if(kSigns.begin(), kSigns.end(),
                                        [&](const auto& each) { return m[1] == each.first; });
         const std::string type = type_of(m[2]);
         return fmt::format("{} = ::kbench_ptx::as<{}>({}) {} ::kbench_ptx::as<{}>({});", all[0],
                            type, all[1], sign->second, type, all[2]);
       }}};
}

const std::vector<Instruction>& instructions() {
  static const std::vector<Instruction> kKnown = [] {
    std::vector<Instruction> all;
    for (auto part : {tensor_cores_and_copies(), memory(), warps_and_barriers(), arithmetic()}) {
      std::move(part.begin(), part.end(), std::back_inserter(all));
    }
    return all;
  }();
  return kKnown;
}

}  // namespace

std::optional<std::string> instruction_in_cpp(const std::string& opcode, const Operands& operands) {
  for (const Instruction& known : instructions()) {
    std::smatch found;
    if (!std::regex_match(opcode, found, known.opcode)) continue;
    if (operands.size() < known.least || operands.size() > known.most) return std::nullopt;
    return known.text(found, operands);
  }
  return std::nullopt;
}

std::string type_of_registers(const std::string& type) {
  static const std::array kTypes = {
      std::pair{"pred", "bool"},          std::pair{"f16", "__half"},
      std::pair{"f16x2", "__half2"},      std::pair{"f32", "float"},
      std::pair{"bf16", "__nv_bfloat16"}, std::pair{"bf16x2", "__nv_bfloat162"},
      std::pair{"f64", "double"},         std::pair{"b8", "uint8_t"},
      std::pair{"u8", "uint8_t"},         std::pair{"s8", "int8_t"},
      std::pair{"b16", "uint16_t"},       std::pair{"u16", "uint16_t"},
      std::pair{"s16", "int16_t"},        std::pair{"b32", "uint32_t"},
      std::pair{"u32", "uint32_t"},       std::pair{"s32", "int32_t"},
      std::pair{"b64", "uint64_t"},       std::pair{"u64", "uint64_t"},
      std::pair{"s64", "int64_t"}};
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const auto& each) { return type == each.first; });
  return found == kTypes.end() ? "" : found->second;
}

bool is_special_register(const std::string& name) {
  constexpr std::array<std::string_view, 17> kKnown = {
      "laneid",      "warpid",      "nwarpid",     "smid",        "nsmid",      "tid",
      "ntid",        "ctaid",       "nctaid",      "clock",       "clock64",    "globaltimer",
      "lanemask_eq", "lanemask_lt", "lanemask_le", "lanemask_gt", "lanemask_ge"};
  return std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end();
}

}  // namespace kbench
