"""`TransformerEncoder`: every step looks at every other, then thinks by itself."""

from __future__ import annotations

from typing import Any

from ..._core.specs import family
from ..input_spec import InputSpec
from .block import TransformerBlock


@family("layer").register("TransformerEncoder")
class TransformerEncoder(TransformerBlock):
    """Self-attention and a dense network of two layers, each added to its own input.

    Args:
        intermediate_dim: width of the dense part's hidden layer.
        num_heads: heads of the attention; each is as wide as the input divided by this.
        dropout: share of attention weights, and of each part's output, that training drops.
        activation: of the dense part's hidden layer.
        layer_norm_epsilon: added to the variances.
        kernel_initializer: how kernels start.
        bias_initializer: how biases start.
        normalize_first: whether each part's input is normalised (as in GPT-2), which trains more
            calmly, or its output (as in the paper).

    Input and output ``(batch, steps, features)``. A mask that travels with the input, as from
    ``Embedding(mask_zero=True)``, hides the padding and travels on. Further arguments of the call:

    - `padding_mask`: ``(batch, steps)``, False for steps to hide; instead of the travelling mask.
    - `attention_mask`: ``(batch, steps, steps)``, True where a step may look.
    - `return_attention_scores`: also give the weights, ``(batch, heads, steps, steps)``.

    Raises:
        ConfigError: sizes that are not positive, or more heads than features.
        ShapeError: masks that do not fit.

    >>> import numpy as np
    >>> TransformerEncoder(intermediate_dim=16, num_heads=2)(np.ones((2, 5, 8))).shape
    (2, 5, 8)

    Vaswani et al., "Attention is all you need", arXiv:1706.03762. Names and arguments are
    KerasHub's.
    """

    traits = frozenset()

    def build(self, input_shape: Any) -> None:
        self.self_attention = self.made_attention(
            "self_attention_layer", input_shape, input_shape, cached=False
        )
        self.self_attention_layer_norm = self.made_norm("self_attention_layer_norm", input_shape)
        self.self_attention_dropout = self.made_dropout("self_attention_dropout")
        self.feedforward_layer_norm = self.made_norm("feedforward_layer_norm", input_shape)
        dense = self.made_dense(input_shape)
        self.feedforward_intermediate_dense, self.feedforward_output_dense = dense
        self.feedforward_dropout = self.made_dropout("feedforward_dropout")
        self.input_spec = InputSpec(ndim=3, axes={-1: input_shape[-1]})

    def call(
        self,
        inputs: Any,
        padding_mask: Any = None,
        attention_mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
        mask: Any = None,
    ) -> Any:
        padding_mask = mask if padding_mask is None else padding_mask
        scores = None

        def attend(x: Any) -> Any:
            nonlocal scores
            y = self.self_attention(
                x,
                x,
                value_mask=padding_mask,
                attention_mask=attention_mask,
                return_attention_scores=return_attention_scores,
            )
            y, scores = y if return_attention_scores else (y, None)
            return y

        norm, dropout = self.self_attention_layer_norm, self.self_attention_dropout
        x = self.feedforward(self.around(inputs, norm, dropout, attend))
        return (x, scores) if return_attention_scores else x
