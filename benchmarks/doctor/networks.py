"""The networks of the doctor's benchmark: small, of every kind, with a place for each fault."""

from __future__ import annotations

from typing import Any

from .data import Data

OUTPUT = {"labels": "softmax", "steps": "softmax", "binary": "sigmoid", "several": "sigmoid"}


def head(data: Data, output: str | None, **options: Any) -> Any:
    """The last layer: as the data asks, or as told.

    `output` may name an activation, "none" for no activation, or with units: "softmax:1".
    """
    from pellucid import layers

    name, _, units = (output or OUTPUT.get(data.kind, "none")).partition(":")
    return layers.Dense(
        int(units or data.units), None if name == "none" else name, name="answer", **options
    )


def block(
    x: Any,
    layer: Any,
    activation: str | None,
    norm: str | None,
    momentum: float = 0.9,
    dropout: float = 0.0,
) -> Any:
    """A layer, its normalization, its activation, dropout."""
    from pellucid import layers

    x = layer(x)
    if norm == "batch":
        x = layers.BatchNormalization(momentum=momentum)(x)
    if norm == "layer":
        x = layers.LayerNormalization()(x)
    if activation:
        x = layers.Activation(activation)(x)
    return layers.Dropout(dropout)(x) if dropout else x


def _options(initializer: Any, bias: Any, l2: float) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if initializer is not None:
        options["kernel_initializer"] = initializer
    if bias is not None:
        options["bias_initializer"] = bias
    if l2:
        from pellucid import regularizers

        options["kernel_regularizer"] = regularizers.L2(l2)
    return options


def mlp(
    data: Data,
    hidden: tuple[int, ...] = (64,),
    activation: str | None = "relu",
    norm: str | None = None,
    momentum: float = 0.9,
    dropout: float = 0.0,
    l2: float = 0.0,
    initializer: Any = None,
    bias: Any = None,
    output: str | None = None,
    residual: bool = False,
    normalize: bool = False,
    frozen: tuple[int, ...] = (),
    head_frozen: bool = False,
    unused: bool = False,
    last_dropout: float = 0.0,
    head_bias: Any = None,
) -> Any:
    """Dense layers."""
    from pellucid import Input, Model, layers

    x = start = Input(data.x.shape[1:])
    if len(data.x.shape) > 2:
        x = layers.Flatten()(x)
    if normalize:
        scaling = layers.Normalization()
        scaling.adapt(data.x)
        x = scaling(x)
    options = _options(initializer, bias, l2)
    for i, units in enumerate(hidden):
        layer = layers.Dense(units, trainable=i not in frozen, **options)
        y = block(x, layer, activation, norm, momentum, dropout)
        x = layers.Add()([x, y]) if residual and x.shape == y.shape else y
    if unused:
        layers.Dense(16, name="forgotten")(x)
    more = dict(options)
    if head_bias is not None:
        more["bias_initializer"] = head_bias
    last = head(data, output, trainable=not head_frozen, **more)
    x = last(x)
    if last_dropout:
        x = layers.Dropout(last_dropout)(x)
    return Model(start, x)


def cnn(
    data: Data,
    filters: tuple[int, ...] = (8, 16),
    dense: int = 32,
    activation: str | None = "relu",
    norm: str | None = None,
    momentum: float = 0.9,
    dropout: float = 0.0,
    l2: float = 0.0,
    initializer: Any = None,
    bias: Any = None,
    output: str | None = None,
    residual: bool = False,
    pool: bool = True,
    frozen: tuple[int, ...] = (),
) -> Any:
    """Convolutions over pictures or, for inputs of rank 2, over time."""
    from pellucid import Input, Model, layers

    flat = len(data.x.shape) == 3
    conv, pooling = (
        (layers.Conv1D, layers.MaxPooling1D) if flat else (layers.Conv2D, layers.MaxPooling2D)
    )
    x = start = Input(data.x.shape[1:])
    options = _options(initializer, bias, l2)
    for i, count in enumerate(filters):
        layer = conv(count, 3, padding="same", trainable=i not in frozen, **options)
        y = block(x, layer, activation, norm, momentum)
        x = layers.Add()([x, y]) if residual and x.shape == y.shape else y
        if pool and x.shape[1] >= 4 and i % 2 == 0:
            x = pooling(2)(x)
    x = layers.Flatten()(x) if dense else None or layers.GlobalAveragePooling2D()(x)
    if dense:
        x = block(x, layers.Dense(dense, **options), activation, None, dropout=dropout)
    return Model(start, head(data, output, **options)(x))


def rnn(
    data: Data,
    cell: str = "LSTM",
    units: int = 24,
    depth: int = 1,
    dropout: float = 0.0,
    embedding: int = 16,
    both_ways: bool = False,
    every_step: bool = False,
    output: str | None = None,
    cell_options: dict[str, Any] | None = None,
    initializer: Any = None,
) -> Any:
    """Recurrent layers, after an embedding where the inputs are word numbers."""
    from pellucid import Input, Model, layers

    x = start = Input(data.x.shape[1:], dtype="int32" if data.words else None)
    if data.words:
        x = layers.Embedding(data.words, embedding)(x)
    for i in range(depth):
        layer = getattr(layers, cell)(
            units, return_sequences=every_step or i < depth - 1, **(cell_options or {})
        )
        x = layers.Bidirectional(layer)(x) if both_ways else layer(x)
    if dropout:
        x = layers.Dropout(dropout)(x)
    more = {} if initializer is None else {"kernel_initializer": initializer}
    return Model(start, head(data, output, **more)(x))


def transformer(data: Data, width: int = 16, heads: int = 2, depth: int = 1) -> Any:
    """Attention over words or over steps of numbers."""
    from pellucid import Input, Model, layers

    x = start = Input(data.x.shape[1:], dtype="int32" if data.words else None)
    if data.words:
        x = layers.TokenAndPositionEmbedding(data.words, data.x.shape[1], width)(x)
    else:
        x = layers.Dense(width)(x)
    for _ in range(depth):
        x = layers.TransformerEncoder(2 * width, heads)(x)
    x = layers.GlobalAveragePooling1D()(x)
    return Model(start, head(data, None)(x))


def average_words(data: Data, embedding: int = 16, dropout: float = 0.0) -> Any:
    """The mean of the words' vectors."""
    from pellucid import Input, Model, layers

    start = Input(data.x.shape[1:], dtype="int32")
    x = layers.GlobalAveragePooling1D()(layers.Embedding(data.words, embedding)(start))
    x = layers.Dense(16, "relu")(x)
    return Model(start, head(data, None)(layers.Dropout(dropout)(x)))


def two_answers(data: Data) -> Any:
    """Which digit, and whether it is even: two outputs."""
    from pellucid import Input, Model, layers

    start = Input(data.x.shape[1:])
    x = layers.Dense(64, "relu")(start)
    which = layers.Dense(10, "softmax", name="digit")(x)
    even = layers.Dense(1, "sigmoid", name="even")(x)
    return Model(start, {"digit": which, "even": even})


def transferred(data: Data, frozen: bool = True) -> Any:
    """Layers trained before on the same pictures, frozen, with a new last layer."""
    from pellucid import Input, Model, layers

    start = Input(data.x.shape[1:])
    x = layers.Dense(64, "relu", name="known")(start)
    before = Model(start, layers.Dense(data.units, "softmax")(x))
    before.compile("adam", "sparse_categorical_crossentropy")
    before.fit(data.x, data.y, epochs=3, verbose=0)
    before.get_layer("known").trainable = not frozen
    return Model(start, head(data, None)(layers.Dense(32, "relu")(x)))
