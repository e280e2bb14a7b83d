"""`TransformerDecoder`: every step looks at itself and the steps before, and maybe at a source."""

from __future__ import annotations

from typing import Any

from ..._core.errors import StateError
from ..._core.specs import family
from ..attention.cached import KeyValueCache
from ..input_spec import InputSpec
from .block import TransformerBlock


@family("layer").register("TransformerDecoder")
class TransformerDecoder(TransformerBlock):
    """Causal self-attention, attention to a source where there is one, and a dense network.

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

    Called as ``layer(x)``, the parts of a language model, or ``layer(x, source)``, the second half
    of a translator; always the same one. Both are ``(batch, steps, features)``, and masks that
    travel with them hide their padding. Further arguments of the call:

    - `decoder_padding_mask`, `encoder_padding_mask`: ``(batch, steps)``, False for steps to hide;
      instead of the travelling masks.
    - `decoder_attention_mask`, `encoder_attention_mask`: ``(batch, steps, steps looked at)``.
    - `use_causal_mask`: False lets every step look ahead too.
    - `self_attention_cache`, `self_attention_cache_update_index`: the steps so far, from
      `empty_cache` or the last call, and the position of the first new step. The input is then
      the new steps only, and the call returns ``(output, cache)``, or with a source
      ``(output, cache, cross_cache)``.
    - `cross_attention_cache`, `cross_attention_cache_update_index`: the same for the source; with
      index 0 it is read, with None the cache is used as it is and no source is needed.

    Raises:
        ConfigError: sizes that are not positive, or more heads than features.
        ShapeError: masks that do not fit.
        StateError: a source where there was none at first, or none where there was one.

    >>> import numpy as np
    >>> TransformerDecoder(intermediate_dim=16, num_heads=2)(np.ones((2, 5, 8))).shape
    (2, 5, 8)

    Vaswani et al., "Attention is all you need", arXiv:1706.03762. Names and arguments are
    KerasHub's; the caches are a `KeyValueCache` of three arrays.
    """

    traits = frozenset({"remembers_steps"})

    def build(self, decoder_sequence_shape: Any, encoder_sequence_shape: Any = None) -> None:
        shape = decoder_sequence_shape
        self.self_attention = self.made_attention("self_attention", shape, shape, cached=True)
        self.self_attention_layer_norm = self.made_norm("self_attention_layer_norm", shape)
        self.self_attention_dropout = self.made_dropout("self_attention_dropout")
        self.cross_attention: Any = None
        if encoder_sequence_shape is not None:
            self.cross_attention = self.made_attention(
                "cross_attention", shape, encoder_sequence_shape, cached=True
            )
            self.cross_attention_layer_norm = self.made_norm("cross_attention_layer_norm", shape)
            self.cross_attention_dropout = self.made_dropout("cross_attention_dropout")
        dense = self.made_dense(shape)
        self.feedforward_intermediate_dense, self.feedforward_output_dense = dense
        self.feedforward_layer_norm = self.made_norm("feedforward_layer_norm", shape)
        self.feedforward_dropout = self.made_dropout("feedforward_dropout")
        self.input_spec = InputSpec(ndim=3, axes={-1: shape[-1]})

    def empty_cache(self, batch: int, length: int) -> KeyValueCache:
        """A cache of its own `length` steps for `call`, none of which is there yet."""
        return self.self_attention.empty_cache(batch, length)

    def empty_cross_cache(self, batch: int, length: int) -> KeyValueCache | None:
        """A cache for a source of `length` steps; None where the layer looks at none."""
        if self.cross_attention is None:
            return None
        return self.cross_attention.empty_cache(batch, length)

    def call(
        self,
        decoder_sequence: Any,
        encoder_sequence: Any = None,
        decoder_padding_mask: Any = None,
        decoder_attention_mask: Any = None,
        encoder_padding_mask: Any = None,
        encoder_attention_mask: Any = None,
        self_attention_cache: Any = None,
        self_attention_cache_update_index: Any = None,
        cross_attention_cache: Any = None,
        cross_attention_cache_update_index: Any = None,
        use_causal_mask: bool = True,
        training: bool | None = None,
        decoder_sequence_mask: Any = None,
        encoder_sequence_mask: Any = None,
    ) -> Any:
        self._check_source(encoder_sequence, cross_attention_cache)
        if decoder_padding_mask is None:
            decoder_padding_mask = decoder_sequence_mask
        if encoder_padding_mask is None:
            encoder_padding_mask = encoder_sequence_mask

        def attend(x: Any) -> Any:
            nonlocal self_attention_cache
            y = self.self_attention(
                x,
                x,
                value_mask=decoder_padding_mask,
                attention_mask=decoder_attention_mask,
                use_causal_mask=use_causal_mask,
                cache=self_attention_cache,
                cache_update_index=self_attention_cache_update_index,
            )
            y, self_attention_cache = y if self_attention_cache is not None else (y, None)
            return y

        def attend_to_source(x: Any) -> Any:
            nonlocal cross_attention_cache
            y = self.cross_attention(
                x,
                encoder_sequence,
                value_mask=encoder_padding_mask,
                attention_mask=encoder_attention_mask,
                cache=cross_attention_cache,
                cache_update_index=cross_attention_cache_update_index,
            )
            y, cross_attention_cache = y if cross_attention_cache is not None else (y, None)
            return y

        cached = self_attention_cache is not None
        norm, dropout = self.self_attention_layer_norm, self.self_attention_dropout
        x = self.around(decoder_sequence, norm, dropout, attend)
        if self.cross_attention is not None:
            norm, dropout = self.cross_attention_layer_norm, self.cross_attention_dropout
            x = self.around(x, norm, dropout, attend_to_source)
        x = self.feedforward(x)
        if not cached:
            return x
        if self.cross_attention is None:
            return x, self_attention_cache
        return x, self_attention_cache, cross_attention_cache

    def _check_source(self, source: Any, cache: Any) -> None:
        wanted = self.cross_attention is not None
        if (source is not None or cache is not None) == wanted:
            return
        raise StateError(
            f"TransformerDecoder {self.name!r} was built "
            + ("with a source to look at, but got none." if wanted else "without a source."),
            got="layer(x)" if wanted else "layer(x, source)",
            expected="layer(x, source), as at first" if wanted else "layer(x), as at first",
            fix="make another TransformerDecoder for the other use.",
        )
