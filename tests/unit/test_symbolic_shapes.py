"""The shapes that a functional model knows before it has seen data."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Input, Model, layers, ops

A = B = None  # sizes that vary


@pytest.mark.parametrize(
    ("draw", "shape"),
    [
        # an unknown size meets a known one
        (lambda: Input((A, 64)) + Input((100, 64)), (None, 100, 64)),
        (lambda: Input((A, 1)) * Input((7, 4)), (None, 7, 4)),
        (lambda: Input((4,)) + np.ones((5, 4), "float32"), (5, 4)),
        (lambda: layers.Concatenate(axis=1)([Input((A, 4)), Input((100, 4))]), (None, None, 4)),
        (lambda: layers.Reshape((3, 5))(Input((A,))), (None, 3, 5)),
        (lambda: layers.Reshape((3, 5))(Input((A, 5, B))), (None, 3, 5)),
        (lambda: layers.Concatenate()([Input((A, 4)), Input((100, 4))]), (None, 100, 8)),
        (lambda: ops.matmul(Input((4, A)), Input((100, 5))), (None, 4, 5)),
        (lambda: ops.where(Input((A, 4)) > 0, Input((100, 4)), Input((100, 1))), (None, 100, 4)),
        # it has to be divisible, small or large
        (lambda: ops.split(Input((4,)), 2, axis=0)[1], (None, 4)),
        (lambda: layers.Reshape((-1, 7))(Input((A, 4))), (None, None, 7)),
        (lambda: ops.image.pad_images(Input((A, B, 3)), 2, 3, target_height=20, target_width=30),
         (None, 20, 30, 3)),
        (lambda: layers.STFTSpectrogram(frame_length=256, frame_step=99)(Input((A, 1))),
         (None, None, 129)),
        # a bound is no size
        (lambda: ops.array_split(Input((4,)), 2, axis=0)[1], (None, 4)),
        (lambda: Input((A, 4))[:, :20], (None, None, 4)),
        (lambda: Input((4,))[:2], (None, 4)),
        # no axes at all
        (lambda: ops.mean(Input((4,))) * 2.0, ()),
        (lambda: 1 - ops.max(Input((4,))) > 0.5, ()),
    ],
)  # fmt: skip
def test_static_shape(draw, shape):
    assert draw().shape == shape


def test_sizes_that_cannot_meet_are_refused():
    with pytest.raises(ValueError, match="add"):
        Input((None, 4)) + Input((100, 3))


@pytest.mark.parametrize(
    ("draw", "shapes"),
    [
        (lambda x: ops.nonzero(x), [(None,), (None,)]),
        (lambda x: ops.where(x > 0), [(None,), (None,)]),
        (lambda x: [ops.unique(x)], [(None,)]),
        (lambda x: ops.unique(x, axis=1, return_inverse=True), [(None, None), (4,)]),
        (lambda x: [ops.repeat(x, [1, 2, 0, 1], axis=1)], [(None, 4)]),
        (lambda x: ops.unstack(x, num=3, axis=0), [(4,)] * 3),
        (lambda x: [x.reshape(-1, 2, 2), x.squeeze(), round(x), x != x],
         [(None, 2, 2), (None, 4), (None, 4), (None, 4)]),
    ],
)  # fmt: skip
def test_shapes_that_depend_on_numbers(draw, shapes):
    assert [tensor.shape for tensor in draw(Input((4,)))] == shapes


@pytest.mark.parametrize("index", [20, -6])
def test_places_that_do_not_exist(index):
    for place in (np.s_[:, index], np.s_[..., index, :]):
        with pytest.raises(ValueError, match="does not have"):
            Input((5, 16))[place]


def test_methods_of_tensors_give_the_numbers_of_the_operations():
    x = Input((4,))
    model = Model(
        x, [x.reshape((-1, 2, 2)), x.astype("int32"), ops.repeat(x, [1, 2, 0, 1], axis=1)]
    )
    rows = np.array([[1.5, 2, 3, 4]], "float32")
    shaped, whole, repeated = Model.from_config(model.get_config())(rows)
    assert shaped.tolist() == [[[1.5, 2], [3, 4]]]
    assert whole.tolist() == [[1, 2, 3, 4]]
    assert repeated.tolist() == [[1.5, 2, 2, 4]]


@pytest.mark.parametrize(
    ("use", "error"),
    [(bool, TypeError), (float, TypeError), (list, NotImplementedError), (np.asarray, ValueError)],
)
def test_a_symbolic_tensor_holds_no_numbers(use, error):
    with pytest.raises(error, match="symbolic tensor"):
        use(Input((4,)))


def test_unstack_must_be_told_a_size_that_varies():
    with pytest.raises(ValueError, match="num=3"):
        ops.unstack(Input((4,)), axis=0)
    with pytest.raises(ValueError, match="another number"):
        ops.unstack(np.ones((4, 2)), num=3)


def test_an_input_in_place_of_a_tensor():
    hidden = layers.Dense(3)(Input((4,)))
    start = Input(tensor=hidden)
    model = Model(start, layers.Dense(2)(start))
    assert model(np.ones((5, 3), "float32")).shape == (5, 2)
    assert Input((3,), sparse=False, optional=True).shape == (None, 3)
    with pytest.raises(ValueError, match="another shape"):
        Input((4,), tensor=hidden)
    with pytest.raises(ValueError, match="sparse"):
        Input((3,), sparse=True)


def test_no_fix_mixes_the_values_of_a_sample():
    model = Model(x := Input((6, 4, 1)), layers.Flatten()(x))
    with pytest.raises(ValueError, match=r"x.transpose\(0, 2, 1, 3\)"):
        model(np.zeros((2, 4, 6, 1)))
    with pytest.raises(ValueError, match=r"x.reshape\(-1, 6, 4, 1\)"):
        model(np.zeros((2, 24)))
    with pytest.raises(ValueError, match="pass data of"):
        model(np.zeros((2, 8, 3, 1)))


def test_summary_with_keras_s_arguments():
    inner = Model(x := Input((4,)), layers.Dense(3, name="inside")(x), name="inner")
    model = Model(x := Input((4,)), layers.Dense(2, name="last")(inner(x)))
    lines = []
    model.summary(60, [0.5, 0.8, 0.9, 1.0], lines.append, True, True, ["inner", "la.*"])
    assert "inside" in lines[0]
    assert lines[0].count("InputLayer") == 1  # that of the network inside
    with pytest.raises(ValueError, match="rising"):
        model.summary(positions=[1, 2], print_fn=lines.append)
    with pytest.raises(ValueError, match="no layer"):
        model.summary(layer_range=["inner", "other"], print_fn=lines.append)
