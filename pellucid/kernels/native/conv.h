// What the convolutions of all instruction sets share: sizes, and the functions of one set.
#pragma once

#include <cstdint>

// Floats are laid out as (batch, rows, columns, channels); a kernel as (rows, columns, inputs,
// filters). Output (y, x) meets kernel position (i, j) at input row y * stride_y + i * dilation_y -
// before_y, and likewise along x; rows and columns outside of the input are zeros. `before` may be
// negative: then the first rows or columns are met by nothing.
struct Conv {
  int64_t batch, rows, columns, inputs;
  int64_t kernel_rows, kernel_columns, filters;
  int64_t out_rows, out_columns;
  int64_t stride_y, stride_x, dilation_y, dilation_x, before_y, before_x;

  int64_t taps() const { return kernel_rows * kernel_columns * inputs; }

  // Kernel columns side by side without gaps are one run of numbers, in the input and the kernel.
  int64_t runs() const { return dilation_x == 1 ? 1 : kernel_columns; }
  int64_t run() const { return dilation_x == 1 ? kernel_columns * inputs : inputs; }
};

// Some rows of an image with their zeros: the first number, and how many to the next row.
struct Band {
  const float* numbers;
  int64_t row;
};

// What one instruction set computes. `vectors` of `lanes` numbers, 1 or 2, are done at a time: a
// panel, of which the first `some` numbers count.
struct Tiles {
  int lanes;

  // One row of outputs: (columns, some), `step` floats from one to the next. `panel` is
  // (taps, vectors * lanes).
  void (*outputs)(const Conv&, Band, const float* panel, float* out, int64_t step, int64_t some,
                  int vectors);

  // Adds a band's share of the kernel's gradient to `sums`, (taps, vectors * lanes). Output
  // gradients: `step` floats from one column to the next, and `out_rows` rows of them.
  void (*gradients)(const Conv&, Band, const float* out, int64_t step, int64_t out_rows,
                    float* sums, int vectors);
};
