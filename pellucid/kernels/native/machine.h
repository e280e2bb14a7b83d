// The innermost loops for this machine: compiled for each instruction set, chosen when they run.
#pragma once

#include <algorithm>
#include <cstring>

#include "conv.h"

#if defined(__clang__) || !defined(__x86_64__)
#error "only GCC for x86-64 is known to make fast code of this; Clang's was slower than XLA's own"
#endif

#pragma GCC push_options
#pragma GCC target("avx512f,fma")
#define NAMESPACE avx512
#define LANES 16
#define REGISTERS 32
#include "tiles.h"
#undef NAMESPACE
#undef LANES
#undef REGISTERS
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define NAMESPACE avx2
#define LANES 8
#define REGISTERS 16
#include "tiles.h"
#undef NAMESPACE
#undef LANES
#undef REGISTERS
#pragma GCC pop_options

// Floats to a vector on this machine; 0 where its vectors are too short for these loops.
inline int64_t lanes_here() {
  if (__builtin_cpu_supports("avx512f")) return avx512::tiles.lanes;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::tiles.lanes;
  return 0;
}

// `most` lanes at most: tests try the set that this machine would not choose.
inline const Tiles& tiles_for(int64_t most) {
  return std::min(most, lanes_here()) >= avx512::tiles.lanes ? avx512::tiles : avx2::tiles;
}
