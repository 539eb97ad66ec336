#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kbench {

using Operands = std::vector<std::string>;  // as C++ expressions

// One PTX instruction as a C++ statement over the functions of simt_ptx.h; nothing if it is not one
// of those that the emulated device knows.
std::optional<std::string> instruction_in_cpp(const std::string& opcode, const Operands& operands);

// The C++ type of registers that are declared as `b32`; empty if there is none.
std::string type_of_registers(const std::string& type);

// Whether kbench_ptx has a function for %laneid and its like.
bool is_special_register(const std::string& name);

}  // namespace kbench
