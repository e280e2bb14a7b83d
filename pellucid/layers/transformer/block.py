"""What Transformer blocks have in common: attention and a dense part, each with a way around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._core.errors import ConfigError
from .. import checks
from ..attention.cached import CachedMultiHeadAttention
from ..attention.multi_head import MultiHeadAttention
from ..base import Layer
from ..core.dense import Dense
from ..input_spec import InputSpec
from ..normalization.layer import LayerNormalization
from ..regularization.dropout import Dropout


class TransformerBlock(Layer):
    """Base of `TransformerEncoder` and `TransformerDecoder`.

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
    """

    supports_masking = True

    def __init__(
        self,
        intermediate_dim: int,
        num_heads: int,
        dropout: float = 0,
        activation: Any = "relu",
        layer_norm_epsilon: float = 1e-05,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        normalize_first: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.intermediate_dim = intermediate_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.activation = activation
        self.layer_norm_epsilon = layer_norm_epsilon
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.normalize_first = normalize_first
        self.input_spec = InputSpec(ndim=3)
        checks.positive_integer(self, "intermediate_dim", intermediate_dim, 256)
        checks.positive_integer(self, "num_heads", num_heads, 4)
        checks.number(self, "dropout", dropout, 0, 1)
        checks.number(self, "layer_norm_epsilon", layer_norm_epsilon, 0)
        checks.names(
            self,
            ("activation", "activation"),
            ("initializer", "kernel_initializer"),
            ("initializer", "bias_initializer"),
        )

    @classmethod
    def last_activation(cls, config: dict[str, Any]) -> str | None:
        return "linear"  # `activation` is that of the layer inside

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return checks.row_wise(self.activation)

    def made(self, cls: Callable[..., Any], name: str, *shapes: Any, **arguments: Any) -> Any:
        """A layer of this block, built for inputs of the given shapes."""
        layer = cls(name=name, dtype=self.dtype_policy, **arguments)
        layer.build(*shapes)
        return layer

    def starts(self) -> dict[str, Any]:
        """How the weights of dense and attention layers start."""
        return {
            "kernel_initializer": self.kernel_initializer,
            "bias_initializer": self.bias_initializer,
        }

    def made_attention(self, name: str, query_shape: Any, value_shape: Any, cached: bool) -> Any:
        """Attention from one sequence to another, or to itself."""
        width = query_shape[-1] // self.num_heads
        if width == 0:
            raise ConfigError(
                f"{type(self).__name__} {self.name!r} has more heads than its input has features.",
                got=f"num_heads={self.num_heads}, input of {query_shape[-1]} features",
                fix=f"num_heads={query_shape[-1]} at most, or wider inputs.",
            )
        cls = CachedMultiHeadAttention if cached else MultiHeadAttention
        sizes = {"num_heads": self.num_heads, "key_dim": width, "dropout": self.dropout}
        return self.made(cls, name, query_shape, value_shape, **sizes, **self.starts())

    def made_norm(self, name: str, shape: Any) -> Any:
        return self.made(LayerNormalization, name, shape, epsilon=self.layer_norm_epsilon)

    def made_dense(self, shape: Any) -> tuple[Any, Any]:
        """The two layers of the dense part."""
        hidden = self.made(
            Dense,
            "feedforward_intermediate_dense",
            shape,
            units=self.intermediate_dim,
            activation=self.activation,
            **self.starts(),
        )
        inner = (*shape[:-1], self.intermediate_dim)
        output = self.made(
            Dense, "feedforward_output_dense", inner, units=shape[-1], **self.starts()
        )
        return hidden, output

    def made_dropout(self, name: str) -> Any:
        return Dropout(self.dropout, name=name, dtype=self.dtype_policy)

    def around(self, x: Any, norm: Any, dropout: Any, part: Callable[[Any], Any]) -> Any:
        """``x`` plus what `part` makes of it, normalised before or after."""
        y = x + dropout(part(norm(x) if self.normalize_first else x))
        return y if self.normalize_first else norm(y)

    def feedforward(self, x: Any) -> Any:
        """The dense part, around which the input goes too."""
        return self.around(
            x,
            self.feedforward_layer_norm,
            self.feedforward_dropout,
            lambda x: self.feedforward_output_dense(self.feedforward_intermediate_dense(x)),
        )
