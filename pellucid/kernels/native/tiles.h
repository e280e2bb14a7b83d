// The innermost loops, for one instruction set: included once for each, with NAMESPACE, LANES
// (floats to a vector) and REGISTERS (vectors that the machine holds) defined.
//
// A tile is a product of matrices whose result stays in registers: M rows by V vectors. Every step
// loads V vectors and multiplies them by M single numbers. Loops over M and V are unrolled, or the
// sums would not be held in registers.

namespace NAMESPACE {

typedef float Vector __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

// As many rows as registers hold, less those for what is loaded; and no more than there are
// registers for the rows' addresses, which are fetched from memory else.
constexpr int rows_of_tile(int vectors) {
  return std::min(vectors == 1 ? 12 : 14, (REGISTERS - 2 - vectors) / vectors);
}

// sums[m] += left[m * left_m + n * left_n] * right[n * right_n], over all n < count.
template <int M, int V>
inline __attribute__((always_inline)) void add(int64_t count, const float* left, int64_t left_m,
                                               int64_t left_n, const float* right, int64_t right_n,
                                               Vector (&sums)[M][V]) {
  for (int64_t n = 0; n < count; ++n) {
    Vector loaded[V];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) loaded[v] = *(const Vector*)(right + v * LANES);
#pragma GCC unroll 32
    for (int m = 0; m < M; ++m) {
      const float number = left[m * left_m];
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) sums[m][v] += number * loaded[v];
    }
    left += left_n;
    right += right_n;
  }
}

template <int M, int V>
void output_tile(const Conv& c, Band band, const float* panel, float* out, int64_t step,
                 int64_t some) {
  Vector sums[M][V] = {};
  for (int64_t i = 0; i < c.kernel_rows; ++i)
    for (int64_t j = 0; j < c.runs(); ++j) {
      const float* left = band.numbers + i * c.dilation_y * band.row + j * c.dilation_x * c.inputs;
      add<M, V>(c.run(), left, c.stride_x * c.inputs, 1, panel, V * LANES, sums);
      panel += c.run() * V * LANES;
    }
  if (some == V * LANES) {
#pragma GCC unroll 32
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) *(Vector*)(out + m * step + v * LANES) = sums[m][v];
  } else {
#pragma GCC unroll 32
    for (int m = 0; m < M; ++m) memcpy(out + m * step, &sums[m][0], some * sizeof(float));
  }
}

// `output_tile` for a number of rows that is known only now, at most M.
template <int M, int V>
void output_tile_of(int64_t rows, const Conv& c, Band band, const float* panel, float* out,
                    int64_t step, int64_t some) {
  if constexpr (M > 0) {
    if (rows == M) return output_tile<M, V>(c, band, panel, out, step, some);
    output_tile_of<M - 1, V>(rows, c, band, panel, out, step, some);
  }
}

template <int V>
void outputs(const Conv& c, Band band, const float* panel, float* out, int64_t step, int64_t some) {
  constexpr int M = rows_of_tile(V);
  const int64_t tiles = (c.out_columns + M - 1) / M, size = (c.out_columns + tiles - 1) / tiles;
  for (int64_t x = 0; x < c.out_columns; x += size) {
    const Band from = {band.numbers + x * c.stride_x * c.inputs, band.row};
    const int64_t rows = std::min(size, c.out_columns - x);
    output_tile_of<M, V>(rows, c, from, panel, out + x * step, step, some);
  }
}

template <int M, int V>
void gradient_tile(const Conv& c, Band band, const float* out, int64_t step, int64_t out_rows,
                   float* to) {
  Vector sums[M][V];
#pragma GCC unroll 32
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) sums[m][v] = *(const Vector*)(to + (m * V + v) * LANES);
  for (int64_t y = 0; y < out_rows; ++y)
    add<M, V>(c.out_columns, band.numbers + y * c.stride_y * band.row, 1, c.stride_x * c.inputs,
              out + y * c.out_columns * step, step, sums);
#pragma GCC unroll 32
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) *(Vector*)(to + (m * V + v) * LANES) = sums[m][v];
}

template <int M, int V>
void gradient_tile_of(int64_t rows, const Conv& c, Band band, const float* out, int64_t step,
                      int64_t out_rows, float* to) {
  if constexpr (M > 0) {
    if (rows == M) return gradient_tile<M, V>(c, band, out, step, out_rows, to);
    gradient_tile_of<M - 1, V>(rows, c, band, out, step, out_rows, to);
  }
}

template <int V>
void gradients(const Conv& c, Band band, const float* out, int64_t step, int64_t out_rows,
               float* sums) {
  constexpr int M = rows_of_tile(V);
  const int64_t run = c.run(), tiles = (run + M - 1) / M, size = (run + tiles - 1) / tiles;
  for (int64_t i = 0; i < c.kernel_rows; ++i)
    for (int64_t j = 0; j < c.runs(); ++j) {
      const float* left = band.numbers + i * c.dilation_y * band.row + j * c.dilation_x * c.inputs;
      for (int64_t tap = 0; tap < run; tap += size)
        gradient_tile_of<M, V>(std::min(size, run - tap), c, {left + tap, band.row}, out, step,
                               out_rows, sums + tap * V * LANES);
      sums += run * V * LANES;
    }
}

// constexpr: nothing of this set may run where it was not chosen, not even to begin with.
constexpr Tiles tiles = {
    LANES,
    [](const Conv& c, Band band, const float* panel, float* out, int64_t step, int64_t some,
       int vectors) { (vectors == 1 ? outputs<1> : outputs<2>)(c, band, panel, out, step, some); },
    [](const Conv& c, Band band, const float* out, int64_t step, int64_t out_rows, float* sums,
       int vectors) {
      (vectors == 1 ? gradients<1> : gradients<2>)(c, band, out, step, out_rows, sums);
    },
};

}  // namespace NAMESPACE
