"""`tree`, `config`, `backend`, `dtype_policies`, `preprocessing`, `saving`: as Keras's."""

from __future__ import annotations

import collections
import itertools

import keras
import numpy as np
import pytest

import pellucid
from pellucid import config, layers, ops

Point = collections.namedtuple("Point", "x y")
Other = collections.namedtuple("Point", "x y")


class OwnList(list):
    """A subclass is a leaf."""


STRUCTURES = [
    None,
    1,
    "text",
    [],
    (),
    {},
    [None],
    [1, (2, [3, None]), {"b": 4, "a": (5,)}],
    collections.OrderedDict(b=1, a=[2]),
    collections.defaultdict(list, b=1, a=2),
    collections.deque([1, [2]], maxlen=3),
    Point(1, [2]),
    OwnList([1]),
    {1: 2, "a": 3},
    (Point({"x": 1}, None), [[[]]]),
]


def outcome(function, *arguments, **named):
    """The result, or the type of what was raised."""
    try:
        return function(*arguments, **named)
    except (TypeError, ValueError) as error:
        return TypeError if isinstance(error, TypeError) else ValueError


def same(call):
    """Both libraries' `tree` give the same to `call`, types included."""
    ours, theirs = (outcome(call, library.tree) for library in (pellucid, keras))
    assert repr(ours) == repr(theirs)
    return ours


@pytest.mark.parametrize("structure", STRUCTURES, ids=repr)
def test_trees_of_one_structure(structure):
    same(lambda t: t.flatten(structure))
    same(lambda t: t.flatten_with_path(structure))
    same(lambda t: t.is_nested(structure))
    same(lambda t: t.map_structure(lambda x: [x], structure))
    same(lambda t: t.map_structure(lambda x: [x], structure, none_is_leaf=False))
    same(lambda t: t.pack_sequence_as(structure, iter(range(len(t.flatten(structure))))))
    same(lambda t: t.lists_to_tuples(structure))
    same(lambda t: t.map_shape_structure(lambda s: ("shape", s), structure))
    same(lambda t: t.map_structure_up_to([0, 0], len, structure))
    for top_down in (True, False):
        seen = {}
        for library in (pellucid, keras):
            seen[library] = []
            library.tree.traverse(seen[library].append, structure, top_down=top_down)
        assert repr(seen[pellucid]) == repr(seen[keras])


@pytest.mark.parametrize("a", STRUCTURES, ids=repr)
def test_trees_of_two_structures(a):
    for b in (*STRUCTURES, (1, 2), [1, 2], Other(1, [2])):
        same(lambda t, b=b: t.assert_same_structure(a, b))
        same(lambda t, b=b: t.assert_same_paths(a, b))
        same(lambda t, b=b: t.map_structure(lambda x, y: (x, y), a, b))
        same(lambda t, b=b: t.map_structure(lambda x, y: (x, y), a, b, none_is_leaf=False))


def test_trees_refuse_what_they_cannot_do():
    same(lambda t: t.map_structure(5, [1]))
    same(lambda t: t.traverse(5, [1]))
    same(lambda t: t.map_structure(lambda x: x))
    same(lambda t: t.map_structure_up_to([0]))
    same(lambda t: t.pack_sequence_as([1, 2], [1]))
    same(lambda t: t.pack_sequence_as([1, 2], 3))
    same(lambda t: t.pack_sequence_as(1, [7, 8]))
    for library in (pellucid, keras):
        with pytest.warns(DeprecationWarning, match="check_types"):
            library.tree.assert_same_structure([1], [2], check_types=False)
        nothing = library.tree.MAP_TO_NONE
        assert library.tree.traverse(lambda x, n=nothing: n if x == 1 else None, [1, 2]) == [
            None,
            2,
        ]


FORMATS = ["bool", "int8", "uint8", "int32", "int64", "float16", "bfloat16", "float32", int, float]


def test_the_format_of_mixed_arithmetic():
    for a, b in itertools.product(FORMATS, repeat=2):
        ours, theirs = (library.backend.result_type(a, b) for library in (pellucid, keras))
        assert ours == theirs, (a, b)


@pytest.mark.parametrize("dtype", FORMATS, ids=str)
def test_kinds_of_formats(dtype):
    for name in ("is_float_dtype", "is_int_dtype", "result_type", "standardize_dtype"):
        assert getattr(pellucid.backend, name)(dtype) == getattr(keras.backend, name)(dtype)


def test_numbers_for_names():
    pellucid.backend.clear_session(free_memory=False)
    assert [pellucid.backend.get_uid("a") for _ in range(3)] == [1, 2, 3]
    assert pellucid.backend.get_uid("b") == 1
    pellucid.backend.clear_session(free_memory=False)
    assert pellucid.backend.get_uid("a") == 1
    assert pellucid.backend.backend() == config.backend() == "jax"


# --------------------------------------------------------------------------------- config


@pytest.fixture
def channels_first():
    config.set_image_data_format("channels_first")
    keras.config.set_image_data_format("channels_first")
    yield
    config.set_image_data_format("channels_last")
    keras.config.set_image_data_format("channels_last")


PICTURES = np.arange(2 * 3 * 4 * 6, dtype="float32").reshape(2, 3, 4, 6) / 100


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("MaxPooling2D", {}),
        ("AveragePooling2D", {"pool_size": 2}),
        ("GlobalAveragePooling2D", {}),
        ("AdaptiveAveragePooling2D", {"output_size": 2}),
        ("Flatten", {}),
        ("UpSampling2D", {}),
        ("ZeroPadding2D", {}),
        ("Cropping2D", {}),
        ("CenterCrop", {"height": 2, "width": 2}),
        ("Resizing", {"height": 2, "width": 3}),
    ],
)
def test_layers_follow_the_data_format_that_is_set(channels_first, name, arguments):
    ours, theirs = (getattr(lib.layers, name)(**arguments) for lib in (pellucid, keras))
    np.testing.assert_allclose(ours(PICTURES), np.asarray(theirs(PICTURES)), rtol=1e-5, atol=1e-6)
    assert ours.data_format == theirs.data_format == "channels_first"


def test_layers_keep_the_data_format_they_were_made_with(channels_first):
    pool, conv = layers.MaxPooling2D(), layers.Conv2D(5, 1)
    shapes = [layers.UpSampling1D(2)(PICTURES[0]).shape, layers.Cropping1D(1)(PICTURES[0]).shape]
    assert shapes == [(3, 8, 6), (3, 2, 6)]  # these have no data_format
    config.set_image_data_format("channels_last")
    assert pool(PICTURES).shape == (2, 3, 2, 3)
    assert conv(PICTURES).shape == (2, 5, 4, 6)
    assert layers.MaxPooling2D.from_config(pool.get_config()).data_format == "channels_first"
    assert layers.MaxPooling2D()(PICTURES).shape == (2, 1, 2, 6)


def test_operations_and_helpers_follow_the_data_format(channels_first):
    for call in (
        lambda lib: lib.ops.max_pool(PICTURES, 2, strides=2),
        lambda lib: lib.ops.image.rgb_to_grayscale(PICTURES),
        lambda lib: lib.ops.image.resize(PICTURES, (2, 3)),
        lambda lib: lib.ops.image.sobel_edges(PICTURES),
        lambda lib: lib.utils.img_to_array(lib.utils.array_to_img(PICTURES[0])),
    ):
        ours, theirs = (np.asarray(call(library)) for library in (pellucid, keras))
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    config.set_image_data_format("channels_last")
    assert ops.max_pool(PICTURES, 2).shape == (2, 1, 2, 6)


def test_epsilon_counts_in_losses_metrics_and_operations():
    right, guessed = np.array([[0.0, 1.0]], "f"), np.array([[1e-4, 0.9999]], "f")
    calls = (
        lambda lib: lib.losses.binary_crossentropy(right, 1 - guessed),
        lambda lib: lib.losses.categorical_crossentropy(right, 1 - guessed),
        lambda lib: lib.losses.mean_absolute_percentage_error(guessed, right),
        lambda lib: lib.losses.kl_divergence(right, guessed),
        lambda lib: lib.metrics.FBetaScore()(right, guessed),
        lambda lib: lib.ops.normalize(1e-3 * guessed),
    )
    for library in (pellucid, keras):
        library.config.set_epsilon(1e-2)
    try:
        for call in calls:
            np.testing.assert_allclose(call(pellucid), call(keras), rtol=1e-5)
    finally:
        for library in (pellucid, keras):
            library.config.set_epsilon(1e-7)


def test_settings_refuse_what_keras_refuses():
    for call, error in (
        (lambda lib: lib.config.set_image_data_format("middle"), ValueError),
        (lambda lib: lib.config.set_floatx("int8"), ValueError),
        (lambda lib: lib.config.set_dtype_policy(3), ValueError),
    ):
        for library in (pellucid, keras):
            with pytest.raises(error):
                call(library)
    with pytest.raises(TypeError):
        config.set_epsilon("small")
    with pytest.raises(ValueError, match="at least 1"):
        config.set_max_epochs(0)
    with pytest.raises(NotImplementedError):
        config.set_backend("torch")


def test_switches_start_and_turn_as_keras_s():
    for name in ("interactive_logging", "traceback_filtering"):
        seen = []
        for library in (pellucid, keras):
            ask = getattr(library.config, f"is_{name}_enabled")
            states = [ask()]
            for turn in ("disable", "enable"):
                getattr(library.config, f"{turn}_{name}")()
                states.append(bool(ask()))
            seen.append(states)
        assert seen[0] == seen[1]
    assert not config.is_nnx_enabled()
    assert config.epsilon() == keras.config.epsilon()
    assert config.max_epochs() is config.max_steps_per_epoch() is None


# --------------------------------------------------------------------------------- policies


def test_dtype_policies():
    for library in (pellucid, keras):
        p = library.dtype_policies
        policy = p.get("mixed_bfloat16")
        assert (policy.compute_dtype, policy.variable_dtype) == ("bfloat16", "float32")
        assert p.get(None).name == p.get(float).name == "float32"
        assert p.get(policy) is policy
        assert p.DTypePolicy("float32") == p.FloatDTypePolicy("float32")
        assert p.DTypePolicy("int32").compute_dtype == "int32"
        assert repr(policy) == '<DTypePolicy "mixed_bfloat16">'
        assert policy.quantization_mode is None
        written = p.serialize(policy)
        assert written["class_name"] == "DTypePolicy"
        assert p.deserialize(written) == p.get(written) == policy
        assert p.DTypePolicy.from_config(policy.get_config()) == policy
        with pytest.raises(ValueError, match="olicy"):
            p.get("nonsense")
        with pytest.raises(TypeError):
            p.DTypePolicy(3)
    with pytest.raises(AttributeError, match="does not quantize"):
        _ = pellucid.dtype_policies.QuantizedDTypePolicy


def test_maps_of_dtype_policies():
    for library in (pellucid, keras):
        p = library.dtype_policies
        policies = p.DTypePolicyMap(p.DTypePolicy("float32"))
        policies["encoder/layer/dense"] = "bfloat16"
        policies["encoder/.*"] = p.DTypePolicy("float16")
        assert policies["encoder/layer/dense"].name == "bfloat16"
        assert policies["encoder/other"].name == "float16"
        assert policies["head"].name == "float32"
        assert len(policies) == 2
        assert list(policies) == ["encoder/layer/dense", "encoder/.*"]
        assert "head" not in policies
        assert policies.name == "map_float32"
        assert policies.compute_dtype == policies.variable_dtype == "float32"
        policies[".*/other"] = "float64"
        with pytest.raises(ValueError, match="encoder/other"):
            policies["encoder/other"]
        with pytest.raises(ValueError, match="encoder"):
            policies["encoder/.*"] = "float32"
        with pytest.raises(ValueError):
            policies["x"] = 123
        with pytest.raises(ValueError):
            p.DTypePolicyMap(policies)
        with pytest.raises(TypeError):
            p.DTypePolicyMap(policy_map=123)
        del policies[".*/other"]
        again = p.get(p.serialize(policies))
        assert again["encoder/x"].name == "float16"
        assert library.layers.Dense(2, dtype=p.DTypePolicyMap("bfloat16")).compute_dtype == (
            "bfloat16"
        )
        named = p.DTypePolicyMap("float32", {"wide": p.DTypePolicy("bfloat16")})
        for name, dtype in (("wide", "bfloat16"), ("slim", "float32")):
            layer = library.layers.Dense(2, dtype=named, name=name)
            layer.build((None, 3))  # Keras asks the map from here on
            assert layer.compute_dtype == dtype


def test_mixed_precision_is_another_name():
    assert pellucid.mixed_precision.Policy is pellucid.DTypePolicy
    pellucid.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        assert pellucid.mixed_precision.global_policy().name == "mixed_bfloat16"
        assert layers.Dense(2).compute_dtype == "bfloat16"
    finally:
        pellucid.config.set_dtype_policy("float32")


# --------------------------------------------------------------------------------- the rest


@pytest.mark.parametrize("shape", [(6, 4, 3), (2, 5, 9, 1)])
@pytest.mark.parametrize("size", [(2, 3), (7, 7)])
def test_smart_resize(shape, size):
    x = np.random.default_rng(0).random(shape).astype("float32")
    ours, theirs = (
        library.preprocessing.image.smart_resize(x, size) for library in (pellucid, keras)
    )
    assert isinstance(ours, np.ndarray)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_scopes_and_version():
    assert pellucid.version() == pellucid.__version__
    with pellucid.name_scope("block") as name:
        assert name == "block"
    with pellucid.device("cpu:0"):
        assert ops.ones(2).device.platform == "cpu"
    with pytest.raises(ValueError, match="no such device"), pellucid.device("abacus:3"):
        pass


def test_a_config_of_settings():
    for library in (pellucid, keras):
        c = library.utils.Config(width=64, rate=0.1)
        c.width = 128
        c["depth"] = 3
        c.update({"rate": 0.2}, seed=1)
        assert (c.width, c["depth"], c.get("nothing", 5), c.pop("seed")) == (128, 3, 5, 1)
        assert c.as_dict() == {"width": 128, "rate": 0.2, "depth": 3}
        assert c.to_json() == '{"width": 128, "rate": 0.2, "depth": 3}'
        assert list(c) == ["depth", "rate", "width"]
        assert list(c.keys()) == ["width", "rate", "depth"]
        assert len(c) == 3
        assert "rate" in c
        with pytest.raises(AttributeError):
            _ = c.nothing
        c.freeze()
        assert c.frozen
        with pytest.raises(ValueError):
            c.width = 1
        c.unfreeze()
        del c["width"]
        assert "width" not in c
