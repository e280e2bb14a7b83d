"""The basic layers."""

import jax
import jax.numpy as jnp
from contract.cases.specs import L2, NOISY, Integers, of

from pellucid._core.specs import family


@family("function").register("contract_affine_init")
def _start(rng, inputs):
    width = inputs.shape[-1]
    return {"w": jax.random.normal(rng, (width, 3)), "b": jnp.ones(3)}


@family("function").register("contract_affine")
def _affine(params, inputs):
    return inputs @ params["w"] + params["b"]


@family("function").register("contract_count")
def _count(state, inputs):
    return inputs * state["count"], {"count": state["count"] + 1}


def array(value):
    """An array among a layer's arguments, as a configuration."""
    return {"class_name": "__array__", "config": {"value": value, "dtype": "float32"}}


AFFINE = {"w": array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), "b": array([0.0, 1.0])}

CASES: list = [
    of("InputLayer", (5,), shape=(5,), keras=False),
    of("Dense", (5,), units=3),
    of("Dense", (4, 5), units=3, activation="tanh"),
    of("Dense", (2, 3, 5), units=2, use_bias=False, kernel_initializer="he_normal"),
    of("Dense", (5,), units=3, kernel_regularizer=L2, bias_initializer=NOISY),
    of("Embedding", Integers((7,), 10), input_dim=10, output_dim=4),
    of("Embedding", Integers((2, 3), 10), input_dim=10, output_dim=4, mask_zero=True),
    of("Embedding", Integers((5,), 1), input_dim=1, output_dim=3, embeddings_regularizer=L2),
    of("EinsumDense", (5,), equation="ab,bc->ac", output_shape=3),
    of(
        "EinsumDense",
        (4, 5),
        equation="abc,cde->abde",
        output_shape=[4, 2, 3],
        bias_axes="de",
        activation="tanh",
        kernel_regularizer=L2,
    ),
    of("EinsumDense", (4, 5), equation="...x,xy->...y", output_shape=3, bias_axes="y"),
    of("EinsumDense", (4, 2, 3), equation="abcd,cde->abe", output_shape=[4, 6], bias_axes="e"),
    of(
        "EinsumDense",
        (4, 5),
        equation="abc,bcd->abd",
        output_shape=[4, 2],
        bias_axes="b",
        bias_initializer=NOISY,
    ),
    of("EinsumDense", (5,), equation="ab...,bc->ac...", output_shape=3, bias_axes="c"),
    of("ReversibleEmbedding", Integers((7,), 10), input_dim=10, output_dim=4),
    of("ReversibleEmbedding", (3, 4), input_dim=10, output_dim=4, call={"reverse": True}),
    of(
        "ReversibleEmbedding",
        (4,),
        input_dim=6,
        output_dim=4,
        tie_weights=False,
        mask_zero=True,
        logit_soft_cap=0.5,
        call={"reverse": True},
    ),
    of(
        "JaxLayer",
        (4,),
        call_fn="contract_affine",
        init_fn="contract_affine_init",
        keras=False,  # whose weights are called variable, variable_1, ...
    ),
    of("JaxLayer", (4, 3), call_fn="contract_affine", params=AFFINE, keras=False),
    of("JaxLayer", (4,), call_fn="contract_count", state={"count": array([1.0] * 4)}, keras=False),
    of("Masking", (4, 3)),
    of("Masking", (4, 3), mask_value=1.0),
    of("Masking", (4, 2, 3), mixes_steps=True),
    of("Identity", (4, 3)),
    of("Identity", ()),
    of("Identity", Integers((2,), 5)),
    of("Lambda", (4, 3), function="contract_square", keras=False),
    of("Operation", (4,), (4,), operation="add", keras=False),
    of("Operation", (4,), (1,), operation="true_divide", keras=False),
    of("Operation", (3, 4), (4, 2), operation="matmul", keras=False),
    # Any function of pellucid.ops, by name, on a list of its arrays.
    of("Operation", (4,), (4,), operation="arctan2", keras=False),
    of("Operation", (3, 4), operation="mean", arguments={"axis": -1}, keras=False),
    of("GetItem", (4, 3), index=[{"slice": [None, None, None]}, -1], keras=False, mixes_steps=True),
    of("GetItem", (4, 3), index=["...", {"slice": [None, 2, None]}], keras=False),
    of(
        "GetItem",
        (4, 3),
        index=[{"slice": [None, None, None]}, None, 0],
        keras=False,
        mixes_steps=True,
    ),
]
