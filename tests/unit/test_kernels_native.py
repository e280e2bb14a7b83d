"""The convolutions in C++: against the definition, on every instruction set, and how they load."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers_conv import agree, by_definition, case_of, drawn, vjp_of
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import config
from pellucid._core.errors import ConfigError
from pellucid.kernels import conv_native, native
from pellucid.kernels.conv import conv, conv_cpu
from pellucid.kernels.conv_geometry import Geometry
from pellucid.kernels.native import available, build, library

compiled = pytest.mark.skipif(not available(), reason="the C++ kernels were not compiled here")


@st.composite
def convolutions(draw):
    """One or two axes; zeros around the input, or rows cut off; one of stride and dilation is 1."""
    rank = draw(st.integers(1, 2))
    each = st.tuples(*[st.integers(1, 4)] * rank)
    kernel = draw(each)
    moves = [draw(st.sampled_from([(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)])) for _ in range(rank)]
    strides, dilation = zip(*moves, strict=True)
    pads = tuple((draw(st.integers(-2, 5)), draw(st.integers(-2, 5))) for _ in range(rank))
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    sizes = tuple(
        max(span - sum(pad), max(-pad[0], 0) + max(-pad[1], 0), 1) + draw(st.integers(0, 17))
        for span, pad in zip(spans, pads, strict=True)
    )
    # Around the sizes of vectors and panels of each instruction set.
    channels = st.sampled_from([1, 2, 3, 5, 8, 15, 16, 17, 32, 33, 40])
    inputs, filters, batch = draw(channels), draw(channels), draw(st.integers(1, 5))
    return case_of((batch, *sizes, inputs), (*kernel, inputs, filters), strides, pads, dilation)


def three(x, kernel, dy, geometry):
    return (
        conv_native.convolve(x, kernel, geometry),
        conv_native.kernel_gradient(x, dy, kernel.shape, geometry),
        conv_native.input_gradient(dy, kernel, x.shape[1:-1], geometry),
    )


@compiled
@settings(max_examples=120)
@given(convolutions(), st.sampled_from([16, 8]))
def test_it_is_the_convolution(case, lanes):
    x, kernel, dy, geometry = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conv_native, "LANES", lanes)
        agree(three(x, kernel, dy, geometry), by_definition(x, kernel, dy, geometry))


LARGER = {
    "many bands": ((3, 70, 90, 24), (3, 3, 24, 20), 1, "same"),
    "many panels": ((2, 9, 9, 150), (3, 3, 150, 200), 2, "same"),
    "one image": ((1, 40, 33, 16), (5, 4, 16, 16), 1, "same"),
    "windows larger than the input": ((2, 3, 3, 4), (5, 5, 4, 6), 1, "same"),
    "strides larger than the kernel": ((2, 11, 13, 5), (2, 1, 5, 7), (4, 3), "same"),
    "only zeros": ((2, 3, 3, 4), (2, 2, 4, 6), 1, ((9, 2), (2, 9))),
    "one number": ((1, 1, 1, 1), (1, 1, 1, 1)),
    "a long sequence": ((2, 3000, 8), (7, 8, 16), 1, "causal", 2),
}


@compiled
@pytest.mark.parametrize("name", LARGER)
def test_larger_convolutions(name):
    x, kernel, dy, geometry = case_of(*LARGER[name])
    agree(three(x, kernel, dy, geometry), by_definition(x, kernel, dy, geometry))


@compiled
def test_it_is_what_float32_pictures_and_sequences_run():
    def calls(x, kernel, *rest):
        program = vjp_of(lambda x, kernel: conv(x, kernel, *rest))
        dy = jax.eval_shape(lambda x, kernel: conv(x, kernel, *rest), x, kernel)
        return str(jax.make_jaxpr(program)(x, kernel, dy)).count("pellucid_conv")

    picture, sequence = drawn((2, 6, 6, 5)), drawn((2, 6, 5))
    assert calls(picture, drawn((3, 3, 5, 4)), 2, "same") == 3
    assert calls(sequence, drawn((3, 5, 4)), 1, "causal", 2) == 3
    # The input's gradient with strides and dilation along one axis is by products.
    assert calls(picture, drawn((3, 3, 5, 4)), (2, 1), "same", (2, 1)) == 2
    # Groups, volumes, other numbers and empty batches have other forms.
    assert calls(picture[..., :4], drawn((3, 3, 2, 4)), 1, "same", 1, 2) == 0
    assert calls(drawn((1, 4, 4, 4, 2)), drawn((2, 2, 2, 2, 3))) == 0
    assert calls(picture.astype("bfloat16"), drawn((3, 3, 5, 4)).astype("bfloat16")) == 0
    assert calls(picture[:0], drawn((3, 3, 5, 4))) == 0


@compiled
def test_the_same_numbers_every_time():
    """Threads share the batch; what they add up does not depend on which was faster."""
    x, kernel, dy, geometry = case_of((16, 20, 20, 16), (3, 3, 16, 16), 1, "same")
    program = jax.jit(lambda x, kernel, dy: three(x, kernel, dy, geometry))
    first = program(x, kernel, dy)
    for _ in range(20):
        for a, b in zip(program(x, kernel, dy), first, strict=True):
            np.testing.assert_array_equal(a, b)


@compiled
def test_many_callers_at_once():
    """More callers than threads: none waits for a thread that another one holds."""
    x, kernel, dy, geometry = case_of((4, 12, 12, 16), (3, 3, 16, 16), 1, "same")
    program = jax.jit(lambda x, kernel, dy: three(x, kernel, dy, geometry))
    wanted, wrong = program(x, kernel, dy), []

    def work():
        for _ in range(50):
            got = program(x, kernel, dy)
            if any(
                (np.asarray(a) != np.asarray(b)).any() for a, b in zip(got, wanted, strict=True)
            ):
                wrong.append(got)

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    assert not wrong


@compiled
@pytest.mark.parametrize("mapped", [(0, None), (None, 0), (0, 0)])
def test_under_vmap(mapped):
    x, kernel = drawn((4, 2, 6, 6, 3)), drawn((4, 3, 3, 3, 5), 1)
    geometry = Geometry((2, 1), ((1, 1), (1, 1)), (1, 1))

    @jax.jit
    def gradients(x, kernel):
        y, back = jax.vjp(lambda x, kernel: conv_cpu(x, kernel, geometry), x, kernel)
        return y, *back(jnp.cos(y))

    operands = [a if axis == 0 else a[0] for a, axis in zip((x, kernel), mapped, strict=True)]
    got = jax.vmap(gradients, mapped)(*operands)
    for number in range(4):
        one = [a[number] if axis == 0 else a for a, axis in zip(operands, mapped, strict=True)]
        for a, b in zip(got, gradients(*one), strict=True):
            np.testing.assert_allclose(a[number], b, rtol=1e-5, atol=1e-5)
    forward = jax.vmap(lambda x, kernel: conv_cpu(x, kernel, geometry), mapped)
    one_call = "scan" not in str(jax.make_jaxpr(forward)(*operands))
    assert one_call == (mapped == (0, None))


# What it refuses, whatever was checked before it is called.


@compiled
@pytest.mark.parametrize(
    ("function", "shapes", "result", "moves", "message"),
    [
        ("convolve", ((1, 4, 4, 3), (2, 2, 7, 5)), (1, 3, 3, 5), {}, "input channels"),
        ("convolve", ((1, 4, 4, 3), (2, 2, 3, 5)), (2, 3, 3, 5), {}, "batches of different sizes"),
        ("convolve", ((1, 4, 4, 3), (2, 2, 3, 5)), (1, 3, 3, 6), {}, "numbers of filters"),
        ("convolve", ((4, 4, 3), (2, 2, 3, 5)), (1, 3, 3, 5), {}, "4 axes"),
        ("convolve", ((1, 4, 4, 3), (2, 2, 3, 5)), (1, 3, 3, 5), {"strides": (0, 1)}, "strides"),
        ("convolve", ((1, 4, 4, 3), (2, 2, 3, 5)), (1, 3, 3, 5), {"dilation": (1, -1)}, "dilation"),
        ("convolve", ((1, 4, 4, 3), (2, 2, 3, 5)), (1, 3, 3, 5), {"strides": (1,)}, "2 numbers"),
        ("convolve", ((1, 4, 4, 3), (2, 2, 3, 5)), (1, 3, 3, 5), {"before": (2**40, 0)}, "offset"),
        ("convolve", ((1, 4, 4, 3), (2, 2, 3, 5)), (1, 3, 3, 5), {"lanes": 0}, "vectors"),
        (
            "convolve",
            ((1, 4, 4, 3), (2, 2, 3, 5)),
            (1, 3, 3, 5),
            {"dilation": (2**29, 2**29)},
            "reach too far",
        ),
        (
            "conv_input_gradient",
            ((1, 3, 3, 5), (2, 2, 3, 5)),
            (1, 4, 4, 2),
            {},
            "input channels",
        ),
        (
            "conv_input_gradient",
            ((1, 3, 3, 5), (2, 2, 3, 5)),
            (1, 4, 4, 3),
            {"strides": (2, 1), "dilation": (2, 1)},
            "along one axis",
        ),
        ("conv_kernel_gradient", ((1, 4, 4, 3), (1, 3, 3, 5)), (2, 2, 3, 6), {}, "filters"),
        ("conv_kernel_gradient", ((1, 4, 4, 3), (2, 3, 3, 5)), (2, 2, 3, 5), {}, "batches"),
    ],
)
def test_sizes_that_do_not_fit_together_are_refused(function, shapes, result, moves, message):
    with pytest.raises(jax.errors.JaxRuntimeError, match=f"pellucid convolution: .*{message}"):
        called(function, shapes, result, **moves)


@compiled
def test_nothing_to_add_up_is_zeros():
    assert not called("convolve", ((2, 0, 4, 3), (2, 2, 3, 5)), (2, 3, 3, 5)).any()
    assert not called("conv_kernel_gradient", ((0, 4, 4, 3), (0, 3, 3, 5)), (2, 2, 3, 5)).any()
    assert called("convolve", ((0, 4, 4, 3), (2, 2, 3, 5)), (0, 3, 3, 5)).shape == (0, 3, 3, 5)


def called(function, shapes, result, strides=(1, 1), dilation=(1, 1), before=(0, 0), lanes=16):
    """A function of the library without what Python checks before."""
    call = jax.ffi.ffi_call(f"pellucid_{function}", jax.ShapeDtypeStruct(result, jnp.float32))
    numbers = {"strides": strides, "dilation": dilation, "before": before}
    arrays = [drawn(shape) for shape in shapes]
    moves = {name: np.array(each, np.int64) for name, each in numbers.items()}
    return np.asarray(call(*arrays, **moves, lanes=np.int64(lanes)))


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("g++"), reason="there is no GCC")
def test_drawn_sizes_stay_within_their_memory(tmp_path):
    """Right and wrong sizes under AddressSanitizer, against the definition (`native/drawn.cc`)."""
    program = tmp_path / "drawn"
    source = Path(__file__).parents[1] / "native" / "drawn.cc"
    sanitizers = ("-fsanitize=address,undefined", "-fno-sanitize-recover")
    options = ("-O1", "-std=c++17", "-pthread", "-fno-math-errno", *sanitizers)
    command = ["g++", *options, "-isystem", str(build._headers()), str(source), "-o", str(program)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if made.returncode and ("asan" in made.stderr or "x86-64" in made.stderr):
        pytest.skip("AddressSanitizer or the processor's vectors are not here")
    assert made.returncode == 0, made.stderr
    done = subprocess.run([program, "20000", "1"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    right, wrong = (int(part.split()[0]) for part in done.stdout.split(", "))
    assert min(right, wrong) > 10000


# How it is compiled and loaded.


def test_it_is_there_wherever_it_can_be():
    """Or the tests above would be skipped, and nobody would know."""
    processor = Path("/proc/cpuinfo")
    vectors = processor.is_file() and {"avx2", "fma"} <= set(processor.read_text().split())
    assert available() or not (vectors and shutil.which("g++"))


@compiled
@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("g++"), reason="compiled elsewhere: there is no GCC")
def test_it_compiles_without_warnings(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "OPTIONS", (*build.OPTIONS, "-O1", "-Werror"))
    made = build.build(tmp_path / "kernels.so")
    assert made.is_file()
    assert made.read_bytes().endswith(build.sources())
    assert list(tmp_path.iterdir()) == [made]


def test_a_compiler_that_fails_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("CXX", "false")
    with pytest.raises(build.BuildError, match="false failed"):
        build.build(tmp_path / "kernels.so")
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(build.BuildError, match=r"with no-such-compiler into .*No such file"):
        build.build(tmp_path / "kernels.so")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_command_says_why_it_did_not():
    command = [sys.executable, "-m", "pellucid.kernels.native"]
    env = {**os.environ, "CXX": "no-such-compiler"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=120)
    assert done.returncode == 1
    assert done.stderr.startswith("not compiled: with no-such-compiler into")


def test_without_a_compiler_or_headers_it_says_so(tmp_path, monkeypatch):
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(build, "COMPILERS", ("no-such-compiler",))
    with pytest.raises(build.BuildError, match="no C"):
        build.build(tmp_path / "kernels.so")
    monkeypatch.setattr(build.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(build.BuildError, match="jaxlib"):
        build.build(tmp_path / "kernels.so")


def loads(monkeypatch, file):
    monkeypatch.setattr(library, "LIBRARY", file)
    return library.loaded.__wrapped__()


def test_a_library_that_does_not_load_is_as_none(tmp_path, monkeypatch):
    assert not loads(monkeypatch, tmp_path / "missing.so")
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"not a library" + build.sources())
    assert not loads(monkeypatch, broken)


@compiled
def test_half_a_library_is_as_none(tmp_path, monkeypatch):
    whole = build.LIBRARY.read_bytes()
    half = tmp_path / "half.so"
    half.write_bytes(whole[: len(whole) // 2])
    assert not loads(monkeypatch, half)


@compiled
def test_a_library_of_other_sources_is_as_none(monkeypatch):
    monkeypatch.setattr(library, "sources", lambda: b"newer")
    assert not loads(monkeypatch, build.LIBRARY)


def test_the_setting(monkeypatch):
    assert config.native_kernels() == available()
    x, kernel = drawn((1, 7, 9, 5)), drawn((3, 3, 5, 6))
    with_it = conv(x, kernel)
    config.set_native_kernels(False)
    try:
        assert not config.native_kernels()
        assert "pellucid_convolve" not in str(jax.make_jaxpr(conv)(x, kernel))
        np.testing.assert_allclose(conv(x, kernel), with_it, rtol=1e-5, atol=1e-5)
    finally:
        native.use(True)
    with pytest.raises(ConfigError, match="wanted or not"):
        config.set_native_kernels("yes")
    monkeypatch.setattr(native, "loaded", lambda: False)
    with pytest.raises(ConfigError, match="fix: install GCC, then run"):
        config.set_native_kernels(True)


@compiled
@pytest.mark.slow
def test_without_it_networks_train_alike(tmp_path):
    """A process whose library is missing runs other forms and learns the same."""
    program = """
import sys
import numpy as np
from pellucid.kernels.native import library
if sys.argv[1] == "without":
    library.LIBRARY = library.LIBRARY.with_name("missing.so")
import pellucid
from pellucid import layers
pellucid.utils.set_random_seed(3)
x = np.random.default_rng(0).normal(size=(96, 10, 10, 3)).astype("float32")
y = (x.mean((1, 2, 3)) > 0).astype("int32")
model = pellucid.Sequential([
    layers.Conv2D(8, 3, activation="relu"), layers.Conv2D(8, 3, strides=2, padding="same"),
    layers.Conv2DTranspose(4, 2, strides=2), layers.GlobalAveragePooling2D(), layers.Dense(2),
])
model.compile("adam", pellucid.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(x, y, epochs=3, batch_size=32, verbose=0, doctor=None)
print(*history.history["loss"], library.available())
"""
    losses = {}
    for case in ("with", "without"):
        command = [sys.executable, "-c", program, case]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        *losses[case], there = done.stdout.split()
        assert there == str(case == "with")
    np.testing.assert_allclose(*(np.array(each, float) for each in losses.values()), rtol=1e-4)
