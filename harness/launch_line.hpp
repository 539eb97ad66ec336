#pragma once

#include "harness/header_line.hpp"
#include "harness/kernel_file.hpp"

namespace kbench {

// How the kernel file's languages launch: host functions are called (cpp, host-cuda), device
// functions have a <<<grid, block, shared>>>, and some of those take clusters or local memory.
struct LaunchStyle {
  bool grid = false;     // cuda, hip, opencl
  bool cluster = false;  // cuda and hip only: cluster=, cooperative
  bool local = false;    // opencl only: local(bytes)
};

// What follows `launch` or `prepare`:
//   name<template arguments><<<grid, block, shared>>>(arguments) cluster=(2,1,1) cooperative
Result<Step> parse_launch(const HeaderLine& line, const LaunchStyle& style);

}  // namespace kbench
