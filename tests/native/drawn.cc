// Convolutions of drawn sizes, right and wrong, under AddressSanitizer: every array lies in memory
// of exactly its size, so that one number too far ends the program. Right ones are compared with
// the definition, wrong ones must be refused at the door. Arguments: how many, and the seed.

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <thread>

#include "../../pellucid/kernels/native/conv.cc"

namespace {

using Sizes = std::vector<int64_t>;

struct Pool {
  std::vector<std::thread> threads;
  int64_t num_threads() const { return 3; }
  void Schedule(std::function<void()> work) { threads.emplace_back(std::move(work)); }
  ~Pool() {
    for (auto& thread : threads) thread.join();
  }
};

struct Drawn {
  std::mt19937_64 bits;
  int64_t whole(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(bits);
  }
  bool once_in(int64_t count) { return whole(1, count) == 1; }
  Sizes sizes(int64_t count, int64_t low, int64_t high) {
    Sizes drawn(count);
    for (auto& size : drawn) size = whole(low, high);
    return drawn;
  }
};

// An array as XLA hands it over, in memory of its own.
struct Held {
  Sizes sizes;
  std::unique_ptr<float[]> numbers;
  int64_t count = 1;
  XLA_FFI_Buffer buffer{};

  Held(Sizes of, Drawn& drawn) : sizes(std::move(of)) {
    for (int64_t size : sizes) count *= size;
    numbers.reset(new float[count]);
    fill(drawn);
    buffer.struct_size = XLA_FFI_Buffer_STRUCT_SIZE;
    buffer.dtype = XLA_FFI_DataType_F32;
    buffer.data = numbers.get();
    buffer.rank = int64_t(sizes.size());
    buffer.dims = sizes.data();
  }
  // Quarters: their products add up without rounding.
  void fill(Drawn& drawn) {
    for (int64_t n = 0; n < count; ++n) numbers[n] = float(drawn.whole(-8, 8)) / 4;
  }
  Array array() const { return Array(&buffer); }
};

struct Case {
  Held x, kernel, y;
  Sizes strides, dilation, before;
};

Case case_of(Drawn& drawn) {
  Sizes x = drawn.sizes(4, 1, 7), kernel = drawn.sizes(4, 1, 4), y = drawn.sizes(4, 1, 7);
  x[3] = kernel[2] = drawn.once_in(3) ? drawn.whole(14, 35) : drawn.whole(1, 5);
  y[3] = kernel[3] = drawn.once_in(3) ? drawn.whole(14, 35) : drawn.whole(1, 5);
  y[0] = x[0];
  Sizes strides = drawn.sizes(2, 1, 3), dilation = drawn.sizes(2, 1, 3);
  Sizes before = drawn.sizes(2, -4, 6);
  if (drawn.once_in(2))  // as the layers have it, so that every gradient can be computed
    for (int axis = 0; axis < 2; ++axis) (drawn.once_in(2) ? strides : dilation)[axis] = 1;
  for (int faults = drawn.once_in(2) ? drawn.whole(1, 3) : 0; faults > 0; --faults) {
    Sizes* all[] = {&x, &kernel, &y, &strides, &dilation, &before};
    const int64_t which = drawn.whole(0, 5);
    Sizes& one = *all[which];
    const int64_t place = drawn.whole(0, int64_t(one.size()) - 1);
    if (one.size() > 1 && drawn.once_in(8))
      one.pop_back();
    else if (which < 3)
      one[place] = drawn.whole(0, 9);
    else
      one[place] = drawn.once_in(2) ? drawn.whole(-3, 9) : drawn.whole(-1, 1) * (int64_t{1} << 40);
  }
  return {Held(x, drawn), Held(kernel, drawn), Held(y, drawn), strides, dilation, before};
}

// Calls visit(x place, kernel place, y place) for every product of the convolution.
template <typename Visit>
void products(const Conv& c, const Visit& visit) {
  for (int64_t b = 0; b < c.batch; ++b)
    for (int64_t r = 0; r < c.out_rows; ++r)
      for (int64_t s = 0; s < c.out_columns; ++s)
        for (int64_t i = 0; i < c.kernel_rows; ++i)
          for (int64_t j = 0; j < c.kernel_columns; ++j) {
            const int64_t row = r * c.stride_y + i * c.dilation_y - c.before_y;
            const int64_t column = s * c.stride_x + j * c.dilation_x - c.before_x;
            if (row < 0 || row >= c.rows || column < 0 || column >= c.columns) continue;
            for (int64_t n = 0; n < c.inputs; ++n)
              for (int64_t f = 0; f < c.filters; ++f)
                visit(((b * c.rows + row) * c.columns + column) * c.inputs + n,
                      ((i * c.kernel_columns + j) * c.inputs + n) * c.filters + f,
                      ((b * c.out_rows + r) * c.out_columns + s) * c.filters + f);
          }
}

int64_t refused = 0, computed = 0;

// One of the three functions: into the array `to`, whose right numbers `wanted` adds up.
template <typename Work, typename Wanted>
void check(Drawn& numbers, const Case& drawn, Held& to, bool of_input, int64_t lanes, Work work,
           Wanted wanted) {
  auto span = [](const Sizes& sizes) { return Numbers(sizes.data(), sizes.size()); };
  ffi::Result<Array> result(to.array());
  Conv seen{};
  const ffi::Error error = enter(span(drawn.x.sizes), span(drawn.kernel.sizes), span(drawn.y.sizes),
                                 span(drawn.strides), span(drawn.dilation), span(drawn.before),
                                 lanes, of_input, result, [&](const Conv& c, const Tiles& tiles) {
                                   Pool pool;
                                   work(c, tiles, pool);
                                 });
  if (error.failure()) {
    ++refused;
    return;
  }
  ++computed;
  const std::string wrong =
      wrong_with(seen, span(drawn.x.sizes), span(drawn.kernel.sizes), span(drawn.y.sizes),
                 span(drawn.strides), span(drawn.dilation), span(drawn.before));
  std::vector<double> sums(to.count);
  if (wrong.empty())
    products(seen, [&](int64_t x, int64_t k, int64_t y) { wanted(sums, x, k, y); });
  for (int64_t n = 0; n < to.count; ++n)
    if (sums[n] != to.numbers[n]) {
      std::printf("place %ld: %g, by the definition %g\n", long(n), to.numbers[n], sums[n]);
      std::exit(1);
    }
  to.fill(numbers);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  Drawn drawn{std::mt19937_64(std::strtoull(arguments[2], nullptr, 10))};
  for (int64_t left = std::atoll(arguments[1]); left > 0; --left) {
    Case c = case_of(drawn);
    const Sizes lengths = {16, 16, 8, 8, 0, -1, 100};
    const int64_t lanes = lengths[drawn.whole(0, 6)];
    float *x = c.x.numbers.get(), *kernel = c.kernel.numbers.get(), *y = c.y.numbers.get();
    check(
        drawn, c, c.y, false, lanes,
        [&](const Conv& s, const Tiles& t, Pool& pool) { convolve(s, t, x, kernel, y, pool); },
        [&](auto& sums, int64_t a, int64_t b, int64_t to) {
          sums[to] += double(x[a]) * kernel[b];
        });
    check(
        drawn, c, c.kernel, false, lanes,
        [&](const Conv& s, const Tiles& t, Pool& pool) {
          kernel_gradient(s, t, x, y, kernel, pool);
        },
        [&](auto& sums, int64_t a, int64_t to, int64_t b) { sums[to] += double(x[a]) * y[b]; });
    check(
        drawn, c, c.x, true, lanes,
        [&](const Conv& s, const Tiles& t, Pool& pool) {
          input_gradient(s, t, y, kernel, x, pool);
        },
        [&](auto& sums, int64_t to, int64_t a, int64_t b) {
          sums[to] += double(kernel[a]) * y[b];
        });
  }
  std::printf("%ld computed, %ld refused\n", long(computed), long(refused));
}
