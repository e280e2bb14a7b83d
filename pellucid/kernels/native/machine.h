// The innermost loops for this machine: compiled for each instruction set, chosen when they run.
#pragma once

#include <algorithm>
#include <cstring>

#include "conv.h"

#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,fma")
#endif
#define NAMESPACE avx512
#define LANES 16
#define REGISTERS 32
#include "tiles.h"
#undef NAMESPACE
#undef LANES
#undef REGISTERS
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#define NAMESPACE avx2
#define LANES 8
#define REGISTERS 16
#include "tiles.h"
#undef NAMESPACE
#undef LANES
#undef REGISTERS
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#define REGISTERS 16

#else
#define REGISTERS 32  // 64-bit ARM
#endif

#define NAMESPACE portable
#define LANES 4
#include "tiles.h"
#undef NAMESPACE
#undef LANES
#undef REGISTERS

// `most` lanes at most, for tests of the sets that this machine would not choose.
inline const Tiles& tiles_for(int64_t most) {
#if defined(__x86_64__)
  if (most >= 16 && __builtin_cpu_supports("avx512f")) return avx512::tiles;
  if (most >= 8 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return avx2::tiles;
#endif
  return portable::tiles;
}
