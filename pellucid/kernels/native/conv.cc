// Convolution of pictures and its two gradients, as functions that XLA calls.
//
// Nothing is gathered into windows: bands of rows, with zeros around them, stay in the cache, and
// tiles of outputs or of kernel gradients stay in registers. `conv_native.py` says where that is
// used, and `build.py` compiles it.

#include <new>
#include <string>
#include <vector>

#include "door.h"
#include "machine.h"
#include "share.h"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace {

constexpr int64_t kBandOfOutputs = 128 << 10;   // bytes of input, about: half of a second cache
constexpr int64_t kBandOfGradients = 24 << 10;  // bytes of both, less than a first cache
constexpr int64_t kLargeBand = 256 << 10;       // bytes of both, less than a second cache
constexpr int64_t kPlaces = 128;     // outputs to a band for which fetching the sums does not count
constexpr int64_t kSums = 32 << 20;  // bytes that partial kernel gradients may take

// Filters by panels of two vectors; of one where the rest fits in it.
struct Panels {
  int64_t filters, lanes, width, count;

  Panels(int64_t filters, int64_t lanes)
      : filters(filters), lanes(lanes), width(2 * lanes), count((filters + width - 1) / width) {}

  int64_t some(int64_t panel) const { return std::min(width, filters - panel * width); }
  int vectors(int64_t panel) const { return some(panel) > lanes ? 2 : 1; }
};

// Input rows for `out_rows` outputs from output row `first` on, with zeros where there are none.
Band band_of(const Conv& c, const float* image, int64_t first, int64_t out_rows,
             std::vector<float>& memory) {
  const int64_t top = first * c.stride_y - c.before_y;
  const int64_t rows = (out_rows - 1) * c.stride_y + (c.kernel_rows - 1) * c.dilation_y + 1;
  const int64_t width =
      (c.out_columns - 1) * c.stride_x + (c.kernel_columns - 1) * c.dilation_x + 1;
  const int64_t left = -c.before_x, row = width * c.inputs, image_row = c.columns * c.inputs;
  if (top >= 0 && top + rows <= c.rows && left >= 0 && left + width <= c.columns)
    return {image + top * image_row + left * c.inputs, image_row};
  if ((int64_t)memory.size() < rows * row) memory.resize(rows * row);
  const int64_t from = std::clamp<int64_t>(left, 0, c.columns);
  const int64_t to = std::clamp<int64_t>(left + width, from, c.columns);
  for (int64_t r = 0; r < rows; ++r) {
    float* numbers = memory.data() + r * row;
    if (top + r < 0 || top + r >= c.rows || from == to) {
      std::fill_n(numbers, row, 0.0f);
      continue;
    }
    std::fill_n(numbers, (from - left) * c.inputs, 0.0f);
    memcpy(numbers + (from - left) * c.inputs, image + (top + r) * image_row + from * c.inputs,
           (to - from) * c.inputs * sizeof(float));
    std::fill(numbers + (to - left) * c.inputs, numbers + row, 0.0f);
  }
  return {memory.data(), row};
}

// Where outputs go: from one column to the next, one row, one image.
struct Steps {
  int64_t column, row, image;
};

// `panels`: (panels, taps, width of a panel), zeros behind the last filter.
template <typename Pool>
void outputs(const Conv& c, const Tiles& tiles, const float* x, const std::vector<float>& panels,
             float* y, Steps steps, Pool& pool) {
  const Panels p(c.filters, tiles.lanes);
  const int64_t row = std::max<int64_t>(1, c.columns * c.inputs * c.stride_y * sizeof(float));
  const int64_t items = 4 * pool.num_threads();
  const int64_t fair = (c.out_rows * c.batch + items - 1) / items;
  const int64_t rows = std::clamp<int64_t>(std::min(kBandOfOutputs / row, fair), 1, c.out_rows);
  const int64_t bands = (c.out_rows + rows - 1) / rows;
  share(pool, c.batch * bands, [&](int64_t item) {
    thread_local std::vector<float> memory;
    const int64_t image = item / bands, first = item % bands * rows;
    const int64_t some = std::min(rows, c.out_rows - first);
    const Band band = band_of(c, x + image * c.rows * c.columns * c.inputs, first, some, memory);
    for (int64_t r = 0; r < some; ++r)
      for (int64_t panel = 0; panel < p.count; ++panel)
        tiles.outputs(c, {band.numbers + r * c.stride_y * band.row, band.row},
                      &panels[panel * c.taps() * p.width],
                      y + image * steps.image + (first + r) * steps.row + panel * p.width,
                      steps.column, p.some(panel), p.vectors(panel));
  });
}

template <typename Pool>
void convolve(const Conv& c, const Tiles& tiles, const float* x, const float* kernel, float* y,
              Pool& pool) {
  const Panels p(c.filters, tiles.lanes);
  std::vector<float> panels(p.count * c.taps() * p.width);
  share(pool, p.count, [&](int64_t panel) {
    const int64_t width = p.vectors(panel) * p.lanes;
    for (int64_t tap = 0; tap < c.taps(); ++tap)
      memcpy(&panels[panel * c.taps() * p.width + tap * width],
             kernel + tap * c.filters + panel * p.width, p.some(panel) * sizeof(float));
  });
  const int64_t row = c.out_columns * c.filters;
  outputs(c, tiles, x, panels, y, {c.filters, row, c.out_rows * row}, pool);
}

// The kernel positions whose outputs lie at input positions `phase`, `phase` + stride, ...: the
// first of them is met by output number `offset`, each further position by one before.
struct Phase {
  int64_t first, count, offset;

  Phase(int64_t phase, int64_t stride, int64_t dilation, int64_t before, int64_t size) {
    first = (phase + before) % stride;
    if (first < 0) first += stride;  // `before` may be negative
    count = first < size ? (size - first + stride - 1) / stride : 0;
    offset = (phase + before - first * dilation) / stride;
  }
};

// The gradient for the input, `c` being the convolution whose it is: every phase of a stride is a
// convolution of stride 1 by the kernel positions that reach it, last position first. Of stride and
// dilation one is 1 along each axis.
template <typename Pool>
void input_gradient(const Conv& c, const Tiles& tiles, const float* dy, const float* kernel,
                    float* dx, Pool& pool) {
  const int64_t row = c.columns * c.inputs, image = c.rows * row;
  const Panels p(c.inputs, tiles.lanes);
  for (int64_t phase_y = 0; phase_y < std::min(c.stride_y, c.rows); ++phase_y)
    for (int64_t phase_x = 0; phase_x < std::min(c.stride_x, c.columns); ++phase_x) {
      const Phase y(phase_y, c.stride_y, c.dilation_y, c.before_y, c.kernel_rows);
      const Phase x(phase_x, c.stride_x, c.dilation_x, c.before_x, c.kernel_columns);
      const Conv part = {c.batch,
                         c.out_rows,
                         c.out_columns,
                         c.filters,
                         y.count,
                         x.count,
                         c.inputs,
                         (c.rows - phase_y + c.stride_y - 1) / c.stride_y,
                         (c.columns - phase_x + c.stride_x - 1) / c.stride_x,
                         1,
                         1,
                         c.dilation_y,
                         c.dilation_x,
                         (y.count - 1) * c.dilation_y - y.offset,
                         (x.count - 1) * c.dilation_x - x.offset};
      float* to = dx + phase_y * row + phase_x * c.inputs;
      const Steps steps = {c.stride_x * c.inputs, c.stride_y * row, image};
      if (!part.taps()) {
        for (int64_t b = 0; b < c.batch; ++b)
          for (int64_t r = 0; r < part.out_rows; ++r)
            for (int64_t s = 0; s < part.out_columns; ++s)
              std::fill_n(to + b * steps.image + r * steps.row + s * steps.column, c.inputs, 0.0f);
        continue;
      }
      std::vector<float> panels(p.count * part.taps() * p.width);
      share(pool, p.count, [&](int64_t panel) {
        const int64_t width = p.vectors(panel) * p.lanes;
        float* numbers = &panels[panel * part.taps() * p.width];
        for (int64_t i = y.count; i-- > 0;)
          for (int64_t j = x.count; j-- > 0; numbers += c.filters * width) {
            const int64_t at =
                (y.first + i * c.stride_y) * c.kernel_columns + x.first + j * c.stride_x;
            const float* from = kernel + (at * c.inputs + panel * p.width) * c.filters;
            for (int64_t f = 0; f < c.filters; ++f)
              for (int64_t n = 0; n < p.some(panel); ++n)
                numbers[f * width + n] = from[n * c.filters + f];
          }
      });
      outputs(part, tiles, dy, panels, to, steps, pool);
    }
}

// The gradient for the kernel. Parts of the batch, always the same on one machine, have sums of
// their own, which are added in their order: what comes out does not depend on who was faster.
template <typename Pool>
void kernel_gradient(const Conv& c, const Tiles& tiles, const float* x, const float* dy, float* dk,
                     Pool& pool) {
  const Panels p(c.filters, tiles.lanes);
  const int64_t size = p.count * c.taps() * p.width, threads = pool.num_threads();
  const int64_t fit = std::max<int64_t>(1, kSums / (size * (int64_t)sizeof(float)));
  const int64_t parts = std::min({c.batch, 2 * threads, fit});
  const int64_t groups = std::min(p.count, (2 * threads + parts - 1) / parts);
  const int64_t padded = (c.filters + p.lanes - 1) / p.lanes * p.lanes;
  const int64_t bytes =  // to a row of outputs
      (c.columns * c.inputs * c.stride_y + c.out_columns * padded) * sizeof(float);
  const int64_t enough =
      std::min((kPlaces + c.out_columns - 1) / c.out_columns, kLargeBand / bytes);
  const int64_t rows =
      std::clamp<int64_t>(std::max(kBandOfGradients / bytes, enough), 1, c.out_rows);
  std::vector<float> sums(parts * size);
  share(pool, parts * groups, [&](int64_t item) {
    thread_local std::vector<float> memory, wide;
    const int64_t part = item / groups, group = item % groups;
    for (int64_t image = c.batch * part / parts; image < c.batch * (part + 1) / parts; ++image)
      for (int64_t first = 0; first < c.out_rows; first += rows) {
        const int64_t some = std::min(rows, c.out_rows - first);
        const Band band =
            band_of(c, x + image * c.rows * c.columns * c.inputs, first, some, memory);
        const float* out = dy + (image * c.out_rows + first) * c.out_columns * c.filters;
        if (padded != c.filters) {
          const int64_t places = some * c.out_columns;
          if ((int64_t)wide.size() < places * padded) wide.resize(places * padded);
          for (int64_t n = 0; n < places; ++n) {
            memcpy(&wide[n * padded], out + n * c.filters, c.filters * sizeof(float));
            std::fill(&wide[n * padded] + c.filters, &wide[n * padded] + padded, 0.0f);
          }
          out = wide.data();
        }
        for (int64_t panel = p.count * group / groups; panel < p.count * (group + 1) / groups;
             ++panel)
          tiles.gradients(c, band, out + panel * p.width, padded, some,
                          &sums[part * size + panel * c.taps() * p.width], p.vectors(panel));
      }
  });
  share(pool, p.count, [&](int64_t panel) {
    const int64_t width = p.vectors(panel) * p.lanes;
    for (int64_t tap = 0; tap < c.taps(); ++tap) {
      const float* from = &sums[panel * c.taps() * p.width + tap * width];
      float* to = dk + tap * c.filters + panel * p.width;
      std::copy_n(from, p.some(panel), to);
      for (int64_t part = 1; part < parts; ++part)
        for (int64_t n = 0; n < p.some(panel); ++n) to[n] += from[part * size + n];
    }
  });
}

// What XLA calls.

using Array = ffi::Buffer<ffi::F32>;
using Numbers = ffi::Span<const int64_t>;

// Where every call comes in: `work` runs if the sizes fit together, the result is zeros if there is
// nothing to add up, and a lack of memory is an error like the others.
template <typename Work>
ffi::Error enter(Numbers x, Numbers kernel, Numbers y, Numbers strides, Numbers dilation,
                 Numbers before, int64_t lanes, bool gradient_of_input, ffi::Result<Array>& result,
                 Work work) {
  Conv c;
  std::string wrong = wrong_with(c, x, kernel, y, strides, dilation, before);
  if (wrong.empty() && (lanes < 8 || !lanes_here())) wrong = "there are no vectors of this length";
  if (wrong.empty() && gradient_of_input &&
      (std::min(c.stride_y, c.dilation_y) > 1 || std::min(c.stride_x, c.dilation_x) > 1))
    wrong = "the input's gradient has no strides and dilation along one axis";
  if (!wrong.empty()) return ffi::Error::InvalidArgument("pellucid convolution: " + wrong);
  if (empty(c)) {
    std::fill_n(result->typed_data(), result->element_count(), 0.0f);
    return ffi::Error::Success();
  }
  try {
    work(c, tiles_for(lanes));
  } catch (const std::bad_alloc&) {
    return ffi::Error(ffi::ErrorCode::kResourceExhausted, "pellucid convolution: out of memory");
  } catch (const std::exception& error) {
    return ffi::Error::Internal(std::string("pellucid convolution: ") + error.what());
  }
  return ffi::Error::Success();
}

ffi::Error Convolve(ffi::ThreadPool pool, Array x, Array kernel, ffi::Result<Array> y,
                    Numbers strides, Numbers dilation, Numbers before, int64_t lanes) {
  return enter(x.dimensions(), kernel.dimensions(), y->dimensions(), strides, dilation, before,
               lanes, false, y, [&](const Conv& c, const Tiles& tiles) {
                 convolve(c, tiles, x.typed_data(), kernel.typed_data(), y->typed_data(), pool);
               });
}

ffi::Error InputGradient(ffi::ThreadPool pool, Array dy, Array kernel, ffi::Result<Array> dx,
                         Numbers strides, Numbers dilation, Numbers before, int64_t lanes) {
  return enter(dx->dimensions(), kernel.dimensions(), dy.dimensions(), strides, dilation, before,
               lanes, true, dx, [&](const Conv& c, const Tiles& tiles) {
                 input_gradient(c, tiles, dy.typed_data(), kernel.typed_data(), dx->typed_data(),
                                pool);
               });
}

ffi::Error KernelGradient(ffi::ThreadPool pool, Array x, Array dy, ffi::Result<Array> dk,
                          Numbers strides, Numbers dilation, Numbers before, int64_t lanes) {
  return enter(x.dimensions(), dk->dimensions(), dy.dimensions(), strides, dilation, before, lanes,
               false, dk, [&](const Conv& c, const Tiles& tiles) {
                 kernel_gradient(c, tiles, x.typed_data(), dy.typed_data(), dk->typed_data(), pool);
               });
}

auto binding() {
  return ffi::Ffi::Bind()
      .Ctx<ffi::ThreadPool>()
      .Arg<Array>()
      .Arg<Array>()
      .Ret<Array>()
      .Attr<Numbers>("strides")
      .Attr<Numbers>("dilation")
      .Attr<Numbers>("before")
      .Attr<int64_t>("lanes");
}

}  // namespace

XLA_FFI_DEFINE_HANDLER_SYMBOL(pellucid_convolve, Convolve, binding());
XLA_FFI_DEFINE_HANDLER_SYMBOL(pellucid_conv_input_gradient, InputGradient, binding());
XLA_FFI_DEFINE_HANDLER_SYMBOL(pellucid_conv_kernel_gradient, KernelGradient, binding());

// What the loader asks.
extern "C" int64_t pellucid_lanes() {
  return lanes_here();
}
