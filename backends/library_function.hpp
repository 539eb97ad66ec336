#pragma once

#include <dlfcn.h>

#include <string>

namespace kbench {

// A function of a library that was opened at run time, by its name. False: it has none.
template <class Function>
bool find_function(void* library, const std::string& name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name.c_str()));
  return function != nullptr;
}

}  // namespace kbench
