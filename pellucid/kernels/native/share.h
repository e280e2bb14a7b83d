// Work shared between the threads of a pool and the one that asks.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>

// Calls work(0), ..., work(count - 1), in any order and at once, and returns when all are done.
//
// Each thread takes the next number until none is left, so the caller never waits for a thread that
// has not begun: callers that fill a whole pool cannot lock each other out. A thread that begins
// after the end finds nothing to take, and touches nothing of the caller's. What a call throws, the
// first of them, is thrown here when all are done: out of a pool's thread it would end the process.
template <typename Pool, typename Work>
void share(Pool& pool, int64_t count, const Work& work) {
  struct Shared {
    std::atomic<int64_t> next{0}, done{0};
    std::mutex mutex;
    std::condition_variable all_done;
    std::exception_ptr thrown;
  };
  auto shared = std::make_shared<Shared>();
  auto take = [shared, count, work = &work] {
    for (int64_t item; (item = shared->next.fetch_add(1)) < count;) {
      try {
        (*work)(item);
      } catch (...) {
        std::lock_guard<std::mutex> lock(shared->mutex);
        if (!shared->thrown) shared->thrown = std::current_exception();
      }
      if (shared->done.fetch_add(1) + 1 == count) {
        std::lock_guard<std::mutex> lock(shared->mutex);
        shared->all_done.notify_all();
      }
    }
  };
  const int64_t helpers = std::min<int64_t>(pool.num_threads(), count) - 1;
  for (int64_t helper = 0; helper < helpers; ++helper) pool.Schedule(decltype(take)(take));
  take();
  std::unique_lock<std::mutex> lock(shared->mutex);
  shared->all_done.wait(lock, [&] { return shared->done.load() == count; });
  if (shared->thrown) std::rethrow_exception(shared->thrown);
}
