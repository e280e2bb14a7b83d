"""`Dataset`: elements made on demand, passed through steps, in the words of `tf.data`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .._core.errors import ConfigError, DataError
from .._core.rng import next_seed
from . import elements, stages
from .beside_tensorflow import BesideTensorFlow, adopted, described
from .elements import Element, TensorSpec

INFINITE, UNKNOWN = -1, -2  # TensorFlow's numbers for lengths that are none


class Dataset(BesideTensorFlow):
    """Elements made on demand: iterate over it, or pass it to `fit`, as often as you like.

    An element is an array, or a tuple or dictionary of them; what `fit` takes are batches of
    ``(x, y)``. Every step gives a new data set and works while it is read. Shuffling and random
    layers in `map` depend on a seed and the number of the pass alone.

    Args:
        passes: called with the number of the pass, from 0; returns its elements.
        length: elements in a pass; None where only the end will tell.
        class_names: what the labels 0, 1, ... stand for, where they stand for something.
        file_paths: the files that samples come from, where they come from files.

    >>> data = Dataset.from_tensor_slices(([1.0, 2.0, 3.0], [0, 1, 0]))
    >>> for x, y in data.map(lambda x, y: (10 * x, y)).batch(2):
    ...     print(x.numpy().tolist(), y.numpy().tolist())
    [10.0, 20.0] [0, 1]
    [30.0] [0]
    """

    def __init__(
        self,
        passes: stages.Passes,
        length: int | None = None,
        class_names: list[str] | None = None,
        file_paths: list[str] | None = None,
    ):
        self._passes = passes
        self._length = UNKNOWN if length is None else length
        self._number = 0
        self._open_batch = False  # whether the first axis has another size in the last element
        self._spec: Any = None
        self.class_names = class_names
        self.file_paths = file_paths
        self._join()

    # --- beginnings

    @staticmethod
    def from_tensor_slices(tensors: Any, name: str | None = None) -> Dataset:
        """The rows of an array, or of a tuple or dictionary of arrays of one length.

        Raises:
            DataError: arrays of different lengths.
        """
        return Dataset.from_elements(elements.unstacked(elements.standard(tensors)))

    @staticmethod
    def from_elements(rows: Any) -> Dataset:
        """The elements of a list."""
        return Dataset(lambda number: iter(rows), len(rows))

    @staticmethod
    def from_tensors(tensors: Any, name: str | None = None) -> Dataset:
        """One element."""
        return Dataset.from_elements([elements.standard(tensors)])

    @staticmethod
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any = None,
        output_shapes: Any = None,
        args: tuple[Any, ...] = (),
        output_signature: Any = None,
        name: str | None = None,
    ) -> Dataset:
        """What a function's iterator yields; the function is called anew for every pass.

        Args:
            generator: returns an iterable, of `args`.
            output_types, output_shapes, output_signature: accepted for TensorFlow's programs.
        """
        if not callable(generator):
            raise ConfigError(
                "from_generator takes a function that returns an iterator.",
                got=type(generator).__name__,
                fix="from_generator(lambda: iter(rows)), so that every epoch can start anew.",
            )
        return Dataset(lambda number: map(elements.standard, generator(*args)))

    @staticmethod
    def range(*args: int, output_type: Any = "int64", name: str | None = None) -> Dataset:
        """The numbers of Python's `range`."""
        numbers = range(*args)
        return Dataset(lambda number: (np.asarray(n, output_type) for n in numbers), len(numbers))

    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """Elements of several data sets side by side, as long as all last.

        Args:
            args: the data sets, or one tuple or dictionary of them.
        """
        structure = datasets if datasets is not None else args[0] if len(args) == 1 else args
        parts = [adopted(part, Dataset) for part in elements.leaves(structure)]

        def passes(number: int) -> Iterator[Any]:
            for row in zip(*(part._passes(number) for part in parts), strict=False):
                supply = iter(row)
                yield elements.tree(lambda _, supply=supply: next(supply), structure)

        lengths = [part._length for part in parts if part._length != INFINITE]
        length = UNKNOWN if UNKNOWN in lengths else min(lengths, default=INFINITE)
        joined = Dataset(passes, length)
        joined._open_batch = any(part._open_batch for part in parts)
        return joined

    # --- reading

    def __iter__(self) -> Iterator[Any]:
        return map(elements.shown, self._next_pass())

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements of the next pass, in NumPy arrays."""
        return map(elements.plain, self._next_pass())

    def _next_pass(self) -> Iterator[Any]:
        number, self._number = self._number, self._number + 1
        return self._passes(number)

    def __len__(self) -> int:
        if self._length < 0:
            what = "never ends" if self._length == INFINITE else "does not know its length"
            raise TypeError(f"This data set {what}: ask cardinality(), or use take(n).")
        return self._length

    def __bool__(self) -> bool:
        return True

    def cardinality(self) -> Any:
        """How many elements: -1 for without end, -2 for unknown."""
        return np.asarray(self._length).view(Element)

    @property
    def element_spec(self) -> Any:
        """Shapes and formats of an element, read off the first; None for sizes that change."""
        if self._spec is None:
            first = next(iter(self._passes(0)), None)
            if first is None:
                raise DataError("This data set has no elements.", fix="check filter and take.")

            def spec(leaf: Any) -> Any:
                shape = tuple(np.shape(leaf))
                free = self._open_batch and shape
                sizes = (None, *shape[1:]) if free else shape
                return described(TensorSpec(sizes, np.asarray(leaf).dtype))

            self._spec = elements.tree(spec, first)
        return self._spec

    def reduce(self, initial_state: Any, reduce_func: Callable[[Any, Any], Any]) -> Any:
        """`reduce_func(state, element)` over one pass."""
        for element in self:
            initial_state = reduce_func(initial_state, element)
        return initial_state

    def get_single_element(self, name: str | None = None) -> Any:
        """The first element, the only one most often."""
        for element in self:
            return element
        raise DataError("The data set has no element.", fix="check filter and take.")

    # --- steps

    def _derived(self, passes: stages.Passes, length: int, open_batch: Any = None) -> Dataset:
        made = Dataset(passes, length, self.class_names, self.file_paths)
        made._open_batch = self._open_batch if open_batch is None else open_batch
        return made

    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Elements with `map_func` applied; it gets a tuple's parts one by one: ``f(x, y)``.

        Args:
            map_func: on NumPy or JAX arrays; layers and operations may be called in it.
            num_parallel_calls, deterministic, synchronous, use_unbounded_threadpool, name:
                accepted for TensorFlow's programs; the order is always kept.
        """
        return self._derived(stages.mapped(self._passes, map_func, next_seed()), self._length)

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements of the data sets that `map_func` makes of elements, one after the other."""

        def passes(number: int) -> Iterator[Any]:
            for element in self._passes(number):
                yield from stages.called(map_func, element)._passes(number)

        return self._derived(passes, UNKNOWN, False)

    interleave = flat_map

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements of which `predicate` is true."""

        def passes(number: int) -> Iterator[Any]:
            for element in self._passes(number):
                if bool(stages.called(predicate, element)):
                    yield element

        return self._derived(passes, UNKNOWN)

    def take(self, count: int, name: str | None = None) -> Dataset:
        """The first `count` elements; -1 for all."""
        if count < 0:
            return self

        def passes(number: int) -> Iterator[Any]:
            # Counted before: the element after the last one is not made.
            return (e for _, e in zip(range(count), self._passes(number), strict=False))

        length = count if self._length == INFINITE else min(count, self._length)
        return self._derived(passes, length)

    def skip(self, count: int, name: str | None = None) -> Dataset:
        """All but the first `count` elements; -1 for none of them."""

        def passes(number: int) -> Iterator[Any]:
            for position, element in enumerate(self._passes(number)):
                if 0 <= count <= position:
                    yield element

        left = self._length if self._length < 0 else max(0, self._length - count)
        return self._derived(passes, 0 if count < 0 else left)

    def cache(self, filename: str = "", name: str | None = None) -> Dataset:
        """The elements of the first whole pass, kept in memory and given in every pass."""
        return self._derived(stages.cached(self._passes), self._length)

    def shuffle(
        self,
        buffer_size: int,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Elements in random order, each drawn from a buffer of the next `buffer_size`.

        Args:
            buffer_size: elements to choose from; as many as there are mix them fully.
            seed: of the orders; by default the next of the program's.
            reshuffle_each_iteration: False for the same order in every pass.
        """
        size = int(buffer_size)
        if size < 1:
            raise ConfigError("shuffle needs a buffer.", got=buffer_size, fix="shuffle(1000).")
        start = next_seed() if seed is None else int(seed)
        anew = reshuffle_each_iteration is not False
        return self._derived(stages.shuffled(self._passes, size, start, anew), self._length)

    def repeat(self, count: int | None = None, name: str | None = None) -> Dataset:
        """The passes of `count` epochs as one; without end for None or -1."""
        times = None if count is None or count < 0 else int(count)
        length = INFINITE if times is None else self._length
        length = length * times if times is not None and length > 0 else length
        return self._derived(stages.repeated(self._passes, times), 0 if times == 0 else length)

    def batch(
        self,
        batch_size: int,
        drop_remainder: bool = False,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """`batch_size` elements of one shape as one, with a new first axis."""
        return self._batched(batch_size, drop_remainder, elements.stacked)

    def padded_batch(
        self,
        batch_size: int,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """`batch`, of elements filled up to the largest, or to the shapes given.

        Args:
            batch_size: elements in a batch.
            padded_shapes: a shape, or one for each array; None or -1 for the largest's size.
            padding_values: what to fill with, or one for each array; 0 and ``""`` by default.
            drop_remainder: leave out a smaller last batch.
        """

        def join(group: list[Any]) -> Any:
            return elements.padded(group, padded_shapes, padding_values)

        return self._batched(batch_size, drop_remainder, join)

    def _batched(self, size: Any, drop: bool, join: Callable[[list[Any]], Any]) -> Dataset:
        size = int(size)
        if size < 1:
            raise ConfigError("A batch has at least one element.", got=size, fix="batch(32).")
        length = self._length
        if length > 0:
            length = length // size if drop else -(-length // size)
        return self._derived(stages.batched(self._passes, size, drop, join), length, not drop)

    def unbatch(self, name: str | None = None) -> Dataset:
        """The rows of every element."""

        def passes(number: int) -> Iterator[Any]:
            for element in self._passes(number):
                yield from elements.unstacked(element)

        return self._derived(passes, min(self._length, 0) or UNKNOWN, False)

    def rebatch(self, batch_size: int, drop_remainder: bool = False) -> Dataset:
        """The rows of every element in batches of another size."""
        return self.unbatch().batch(batch_size, drop_remainder)

    def window(
        self,
        size: int,
        shift: int | None = None,
        stride: int = 1,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Data sets of `size` elements each, `stride` apart, begun `shift` apart."""
        make = stages.windows(
            self._passes, size, size if shift is None else shift, stride, drop_remainder
        )

        def passes(number: int) -> Iterator[Any]:
            for group in make(number):
                parts = zip(*map(elements.leaves, group), strict=True)
                columns = iter([Dataset.from_elements(column) for column in parts])
                yield elements.tree(lambda _, columns=columns: next(columns), group[0])

        return self._derived(passes, UNKNOWN, False)

    def shard(self, num_shards: int, index: int, name: str | None = None) -> Dataset:
        """Every `num_shards`-th element, from number `index` on."""
        length = len(range(index, self._length, num_shards)) if self._length >= 0 else self._length

        def passes(number: int) -> Iterator[Any]:
            return (e for i, e in enumerate(self._passes(number)) if i % num_shards == index)

        return self._derived(passes, length)

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """The elements of this data set, then those of another."""
        dataset = adopted(dataset, Dataset)

        def passes(number: int) -> Iterator[Any]:
            yield from self._passes(number)
            yield from dataset._passes(number)

        lengths = (self._length, dataset._length)
        return self._derived(passes, sum(lengths) if min(lengths) >= 0 else max(min(lengths), -2))

    def enumerate(self, start: int = 0, name: str | None = None) -> Dataset:
        """Pairs of a number and an element."""

        def passes(number: int) -> Iterator[Any]:
            return ((np.asarray(i), e) for i, e in enumerate(self._passes(number), start))

        return self._derived(passes, self._length)

    def apply(self, transformation_func: Callable[[Dataset], Any]) -> Any:
        """What a function makes of this data set."""
        return transformation_func(self)

    def prefetch(self, buffer_size: Any = None, name: str | None = None) -> Dataset:
        """The data set itself: `fit` reads ahead in any case."""
        return self

    def __repr__(self) -> str:
        length = {INFINITE: "endlessly many", UNKNOWN: "unknown number of"}
        classes = f", {len(self.class_names)} classes" if self.class_names else ""
        return f"<Dataset of {length.get(self._length, self._length)} elements{classes}>"
