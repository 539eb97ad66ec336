#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "search/recorded_space.hpp"

namespace kbench {

// One param X = 0, 1, ... with these times in ms, each at a cost of 10 ms; 0: it fails to compile.
inline RecordedSpace recorded_line(const std::vector<double>& times) {
  std::string csv = "X,status,time_ms,compile_ms,verify_ms,bench_ms,framework_ms\n";
  for (size_t i = 0; i < times.size(); ++i) {
    csv += times[i] > 0 ? fmt::format("{},ok,{},10,0,0,0\n", i, times[i])
                        : fmt::format("{},compile,,10,0,0,0\n", i);
  }
  auto read = parse_recorded_space(csv, "line.csv");
  if (!read) throw std::runtime_error(read.error().text());
  return *read;
}

}  // namespace kbench
