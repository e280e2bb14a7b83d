// What a call of the library may not be. Whatever was checked in Python before, nothing in here is
// read or written before these sizes are known to fit together.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "conv.h"

// Sizes, strides, dilation and offsets lie below: no product of two of them leaves 64 bits.
constexpr int64_t kFar = int64_t{1} << 30;
// Floats that the zeros around one image may take, at most.
constexpr double kVast = 1e12;

// Reads `c` from the shapes of x (batch, rows, columns, inputs), kernel (rows, columns, inputs,
// filters) and y (batch, rows, columns, filters), and says what is wrong with them; nothing if all
// is well. Sizes of 0 are right: then there is nothing to do.
template <typename Numbers>
std::string wrong_with(Conv& c, Numbers x, Numbers kernel, Numbers y, Numbers strides,
                       Numbers dilation, Numbers before) {
  if (x.size() != 4 || kernel.size() != 4 || y.size() != 4) return "arrays must have 4 axes";
  if (strides.size() != 2 || dilation.size() != 2 || before.size() != 2)
    return "strides, dilation and before must have 2 numbers";
  for (const Numbers& sizes : {x, kernel, y})
    for (int64_t size : sizes)
      if (size < 0 || size > kFar) return "a size is negative or too large";
  for (int axis = 0; axis < 2; ++axis) {
    if (strides[axis] < 1 || strides[axis] > kFar) return "strides must be 1 or more";
    if (dilation[axis] < 1 || dilation[axis] > kFar) return "dilation must be 1 or more";
    if (before[axis] < -kFar || before[axis] > kFar) return "the offset is too large";
  }
  if (x[0] != y[0]) return "input and output have batches of different sizes";
  if (x[3] != kernel[2]) return "input and kernel have different numbers of input channels";
  if (y[3] != kernel[3]) return "output and kernel have different numbers of filters";
  c = {x[0], x[1],       x[2],       x[3],        kernel[0],   kernel[1], kernel[3], y[1],
       y[2], strides[0], strides[1], dilation[0], dilation[1], before[0], before[1]};
  const double rows =
      double(c.out_rows) * double(c.stride_y) + double(c.kernel_rows) * double(c.dilation_y);
  const double columns =
      double(c.out_columns) * double(c.stride_x) + double(c.kernel_columns) * double(c.dilation_x);
  if (rows * columns * double(c.inputs) > kVast) return "the windows reach too far";
  return "";
}

// Whether there is nothing to add up: the result, if it has any numbers, is zeros.
inline bool empty(const Conv& c) {
  return !(c.batch && c.rows && c.columns && c.taps() && c.filters && c.out_rows && c.out_columns);
}
