"""Networks as Keras's examples build them, in small: each trains two steps on a given library.

Every function returns the losses of its two steps, from weights that depend on their shapes alone.
"""

from __future__ import annotations

import numpy as np

QUIET = {"epochs": 2, "batch_size": 4, "shuffle": False, "verbose": 0}


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).random(shape).astype("float32")


def whole(high, *shape, seed=0):
    return np.random.default_rng(seed).integers(0, high, shape)


def fixed(model, seed=0):
    """The model with weights that depend on their shapes alone."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.1, np.shape(w)).astype("float32") for w in model.weights])
    return model


def fitted(model, *data, **settings):
    return model.fit(*data, **{**QUIET, **settings}).history["loss"]


def vision_transformer(keras):
    layers, ops = keras.layers, keras.ops

    class Patches(layers.Layer):
        def __init__(self, size):
            super().__init__()
            self.size = size

        def call(self, images):
            height, width, channels = ops.shape(images)[1:]
            patches = ops.image.extract_patches(images, size=self.size)
            count = (height // self.size) * (width // self.size)
            return ops.reshape(patches, (-1, count, self.size * self.size * channels))

    class PatchEncoder(layers.Layer):
        def __init__(self, count, width):
            super().__init__()
            self.count = count
            self.projection = layers.Dense(width)
            self.position = layers.Embedding(count, width)

        def call(self, patches):
            positions = ops.expand_dims(ops.arange(0, self.count, 1), axis=0)
            return self.projection(patches) + self.position(positions)

    inputs = keras.Input((8, 8, 3))
    encoded = PatchEncoder(4, 6)(Patches(4)(inputs))
    x1 = layers.LayerNormalization(epsilon=1e-6)(encoded)
    attended = layers.MultiHeadAttention(num_heads=2, key_dim=6, dropout=0.0)(x1, x1)
    x2 = layers.Add()([attended, encoded])
    x3 = layers.LayerNormalization(epsilon=1e-6)(x2)
    x3 = layers.Dense(6, activation=keras.activations.gelu)(x3)
    features = layers.Flatten()(layers.Add()([x3, x2]))
    model = fixed(keras.Model(inputs, layers.Dense(3)(features)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    accuracy = keras.metrics.SparseTopKCategoricalAccuracy(2, name="top-2")
    model.compile(keras.optimizers.AdamW(0.01, weight_decay=1e-4), loss, metrics=[accuracy])
    return fitted(model, drawn(4, 8, 8, 3), whole(3, 4, 1))


def conv_mixer(keras):
    layers = keras.layers

    def block(x):
        return layers.BatchNormalization()(layers.Activation("gelu")(x))

    inputs = keras.Input((8, 8, 3))
    x = layers.Rescaling(scale=1.0 / 255)(inputs)
    x = block(layers.Conv2D(4, kernel_size=2, strides=2)(x))
    for _ in range(2):
        x0 = x
        x = layers.DepthwiseConv2D(kernel_size=3, padding="same")(x)
        x = layers.Add()([block(x), x0])
        x = block(layers.Conv2D(4, kernel_size=1)(x))
    outputs = layers.Dense(3, activation="softmax")(layers.GlobalAvgPool2D()(x))
    model = fixed(keras.Model(inputs, outputs))
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return fitted(model, drawn(4, 8, 8, 3) * 255, whole(3, 4))


def compact_transformer(keras):
    layers, ops = keras.layers, keras.ops

    class StochasticDepth(layers.Layer):
        def __init__(self, rate, **kwargs):
            super().__init__(**kwargs)
            self.rate = rate
            self.seeds = keras.random.SeedGenerator(1337)

        def call(self, x, training=None):
            if training:
                keep = 1 - self.rate
                shape = (ops.shape(x)[0],) + (1,) * (len(x.shape) - 1)
                noise = keep + keras.random.uniform(shape, 0, 1, seed=self.seeds)
                return (x / keep) * ops.floor(noise)
            return x

    class SequencePooling(layers.Layer):
        def __init__(self):
            super().__init__()
            self.attention = layers.Dense(1)

        def call(self, x):
            weights = ops.softmax(self.attention(x), axis=1)
            weights = ops.transpose(weights, axes=(0, 2, 1))
            return ops.squeeze(ops.matmul(weights, x), -2)

    inputs = keras.Input((8, 8, 1))
    x = layers.Conv2D(6, 3, 1, padding="valid", use_bias=False, activation="relu")(inputs)
    x = layers.MaxPooling2D(3, 2, "same")(layers.ZeroPadding2D(1)(x))
    x = layers.Reshape((-1, 6))(x)
    h = layers.MultiHeadAttention(2, 6)(x, x)
    x = layers.Add()([StochasticDepth(0.0)(h), x])
    model = fixed(keras.Model(inputs, layers.Dense(2)(SequencePooling()(x))))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    model.compile("adam", loss)
    return fitted(model, drawn(4, 8, 8, 1), np.eye(2, dtype="float32")[whole(2, 4)])


def shifted_windows(keras):
    layers, ops = keras.layers, keras.ops

    class Windows(layers.Layer):
        def __init__(self, size, shift):
            super().__init__()
            self.size, self.shift = size, shift
            self.qkv = layers.Dense(12)
            self.out = layers.Dense(4)

        def build(self, shape):
            self.table = self.add_weight(
                shape=((2 * self.size - 1) ** 2, 2), initializer="zeros", trainable=True,
                name="table",
            )  # fmt: skip
            axis = np.arange(self.size)
            grid = np.stack(np.meshgrid(axis, axis, indexing="ij")).reshape(2, -1)
            apart = (grid[:, :, None] - grid[:, None, :]).transpose(1, 2, 0) + self.size - 1
            self.index = keras.Variable(
                apart[..., 0] * (2 * self.size - 1) + apart[..., 1], dtype="int32",
                trainable=False, name="index",
            )  # fmt: skip

        def call(self, x):
            _, height, width, channels = x.shape
            x = ops.roll(x, shift=[-self.shift, -self.shift], axis=[1, 2])
            n = self.size
            parts = ops.reshape(x, (-1, height // n, n, width // n, n, channels))
            parts = ops.reshape(ops.transpose(parts, (0, 1, 3, 2, 4, 5)), (-1, n * n, channels))
            qkv = ops.reshape(self.qkv(parts), (-1, n * n, 3, 2, channels // 2))
            q, k, v = ops.transpose(qkv, (2, 0, 3, 1, 4))
            scores = q @ ops.transpose(k, (0, 1, 3, 2))
            bias = ops.take(self.table, ops.reshape(self.index, (-1,)), axis=0)
            bias = ops.transpose(ops.reshape(bias, (n * n, n * n, -1)), (2, 0, 1))
            weights = keras.activations.softmax(scores + ops.expand_dims(bias, 0), axis=-1)
            out = ops.reshape(ops.transpose(weights @ v, (0, 2, 1, 3)), (-1, n * n, channels))
            out = ops.reshape(self.out(out), (-1, height // n, width // n, n, n, channels))
            out = ops.reshape(ops.transpose(out, (0, 1, 3, 2, 4, 5)), (-1, height, width, channels))
            return ops.roll(out, shift=[self.shift, self.shift], axis=[1, 2])

    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 2, 2)(inputs)
    x = x + Windows(2, 0)(layers.LayerNormalization(epsilon=1e-5)(x))
    x = x + Windows(2, 1)(layers.LayerNormalization(epsilon=1e-5)(x))
    model = keras.Model(inputs, layers.Dense(2, activation="softmax")(
        layers.GlobalAveragePooling2D()(x)))  # fmt: skip
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(0, 0.1, weight.shape).astype("float32"))
    model.compile(keras.optimizers.AdamW(0.01, clipnorm=1.0), "sparse_categorical_crossentropy")
    return fitted(model, drawn(4, 8, 8, 3), whole(2, 4))


def masked_words(keras):
    layers, ops = keras.layers, keras.ops
    loss_of = keras.losses.SparseCategoricalCrossentropy(reduction=None)
    seen = keras.metrics.Mean(name="loss")

    class MaskedLanguageModel(keras.Model):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            loss = loss_of(y, y_pred, sample_weight)
            seen.update_state(loss, sample_weight=sample_weight)
            return keras.ops.sum(loss)

        @property
        def metrics(self):
            return [seen]

    words = keras.Input((6,), dtype="int64")
    x = layers.Embedding(9, 4, name="words")(words)
    places = layers.Embedding(6, 4, embeddings_initializer=keras.initializers.Constant(0.1))
    x = x + places(ops.arange(start=0, stop=6, step=1))
    h = layers.MultiHeadAttention(2, 2, name="attention")(x, x, x)
    x = layers.LayerNormalization(epsilon=1e-6)(x + h)
    model = fixed(MaskedLanguageModel(words, layers.Dense(9, activation="softmax")(x)))
    model.compile(keras.optimizers.Adam(0.01))
    hidden = (drawn(4, 6) < 0.5).astype("float32")
    return fitted(model, whole(9, 4, 6), whole(9, 4, 6, seed=1), sample_weight=hidden)


def named_entities(keras):
    layers, ops = keras.layers, keras.ops

    class Block(layers.Layer):
        def __init__(self):
            super().__init__()
            self.att = layers.MultiHeadAttention(num_heads=2, key_dim=4)
            self.ffn = keras.Sequential([layers.Dense(6, activation="relu"), layers.Dense(4)])
            self.norm1 = layers.LayerNormalization(epsilon=1e-6)
            self.norm2 = layers.LayerNormalization(epsilon=1e-6)

        def call(self, inputs, training=False):
            out = self.norm1(inputs + self.att(inputs, inputs))
            return self.norm2(out + self.ffn(out))

    class Tags(keras.Model):
        def __init__(self):
            super().__init__()
            self.words, self.block = layers.Embedding(9, 4), Block()
            self.last = layers.Dense(3, activation="softmax")

        def call(self, inputs, training=False):
            return self.last(self.block(self.words(inputs), training=training))

    class PaddingAside(keras.losses.Loss):
        def call(self, y_true, y_pred):
            one = keras.losses.SparseCategoricalCrossentropy(from_logits=False, reduction=None)
            loss = one(y_true, y_pred)
            mask = ops.cast(y_true > 0, "float32")
            return ops.sum(loss * mask) / ops.sum(mask)

    model = Tags()
    words = whole(9, 4, 5)
    model(words)
    fixed(model).compile("adam", PaddingAside())
    return fitted(model, words, whole(3, 4, 5, seed=2))


def speech(keras):
    layers, ops = keras.layers, keras.ops

    def ctc(y_true, y_pred):
        rows = ops.shape(y_true)[0]
        steps = ops.ones((rows,), "int32") * ops.shape(y_pred)[1]
        letters = ops.ones((rows,), "int32") * ops.shape(y_true)[1]
        return ops.ctc_loss(y_true, ops.log(y_pred + 1e-7), letters, steps, mask_index=0)

    sound = keras.Input((None, 7), name="input")
    x = layers.Reshape((-1, 7, 1))(sound)
    x = layers.Conv2D(2, [3, 3], strides=[1, 2], padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Reshape((-1, x.shape[-2] * x.shape[-1]))(x)
    cell = layers.GRU(3, return_sequences=True, reset_after=True)
    x = layers.Bidirectional(cell, merge_mode="concat")(x)
    model = fixed(keras.Model(sound, layers.Dense(5, activation="softmax")(x)))
    model.compile(keras.optimizers.Adam(1e-3), ctc)
    return fitted(model, drawn(4, 9, 7), whole(4, 4, 3) + 1)


def contrastive_pictures(keras):
    layers, ops = keras.layers, keras.ops

    class Contrastive(keras.Model):
        def __init__(self):
            super().__init__()
            self.encoder = keras.Sequential(
                [keras.Input((6, 6, 1)), layers.Flatten(), layers.Dense(4, activation="relu")]
            )
            self.head = keras.Sequential([keras.Input((4,)), layers.Dense(4)])

        def call(self, x):
            return self.head(self.encoder(x))

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            one = y_pred / ops.norm(y_pred, axis=1, keepdims=True)
            other = self(ops.flip(x, axis=2))
            other = other / ops.norm(other, axis=1, keepdims=True)
            alike = ops.matmul(one, ops.transpose(other)) / 0.1
            labels = ops.arange(ops.shape(one)[0])
            forth = keras.losses.sparse_categorical_crossentropy(labels, alike, from_logits=True)
            back = keras.losses.sparse_categorical_crossentropy(
                labels, ops.transpose(alike), from_logits=True
            )
            return ops.mean(forth + back) / 2

    model = Contrastive()
    pictures = drawn(4, 6, 6, 1)
    model(pictures)
    fixed(model).compile(keras.optimizers.Adam(0.01))
    return fitted(model, pictures)


def u_net(keras):
    layers = keras.layers
    inputs = keras.Input((8, 8, 3))
    x = layers.Activation("relu")(layers.BatchNormalization()(
        layers.Conv2D(4, 3, strides=2, padding="same")(inputs)))  # fmt: skip
    before = x
    x = layers.SeparableConv2D(6, 3, padding="same")(layers.Activation("relu")(x))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(layers.BatchNormalization()(x))
    before = layers.add([x, layers.Conv2D(6, 1, strides=2, padding="same")(before)])
    x = before
    for filters in (6, 4):
        x = layers.Conv2DTranspose(filters, 3, padding="same")(layers.Activation("relu")(x))
        x = layers.UpSampling2D(2)(layers.BatchNormalization()(x))
        beside = layers.Conv2D(filters, 1, padding="same")(layers.UpSampling2D(2)(before))
        x = before = layers.add([x, beside])
    outputs = layers.Conv2D(3, 3, activation="softmax", padding="same")(x)
    model = fixed(keras.Model(inputs, outputs))
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy")
    return fitted(model, drawn(4, 8, 8, 3), whole(3, 4, 8, 8, 1))


def retina_net(keras):
    layers, ops = keras.layers, keras.ops

    class BoxLoss(keras.losses.Loss):
        def __init__(self, delta):
            super().__init__(reduction=None, name="box")
            self.delta = delta

        def call(self, y_true, y_pred):
            apart = y_true - y_pred
            far, square = ops.abs(apart), apart**2
            loss = ops.where(ops.less(far, self.delta), 0.5 * square, far - 0.5)
            return ops.sum(loss, axis=-1)

    class FocalLoss(keras.losses.Loss):
        def call(self, y_true, y_pred):
            cross = ops.binary_crossentropy(y_true, y_pred, from_logits=True)
            p = ops.sigmoid(y_pred)
            alpha = ops.where(ops.equal(y_true, 1.0), 0.25, 0.75)
            pt = ops.where(ops.equal(y_true, 1.0), p, 1 - p)
            return ops.sum(alpha * ops.power(1.0 - pt, 2.0) * cross, axis=-1)

    class RetinaNetLoss(keras.losses.Loss):
        def __init__(self):
            super().__init__(reduction="sum_over_batch_size", name="RetinaNetLoss")
            self.of_classes, self.of_boxes = FocalLoss(reduction=None), BoxLoss(1.0)

        def call(self, y_true, y_pred):
            boxes, found = y_true[:, :, :4], y_pred[:, :, :4]
            classes = ops.one_hot(ops.cast(y_true[:, :, 4], "int32"), 2)
            positive = ops.cast(ops.greater(y_true[:, :, 4], -1.0), "float32")
            ignored = ops.cast(ops.equal(y_true[:, :, 4], -2.0), "float32")
            named = self.of_classes(ops.cast(classes, "float32"), y_pred[:, :, 4:])
            named = ops.where(ops.equal(ignored, 1.0), 0.0, named)
            placed = ops.where(ops.equal(positive, 1.0), self.of_boxes(boxes, found), 0.0)
            count = ops.sum(positive, axis=-1)
            named = ops.divide_no_nan(ops.sum(named, axis=-1), count)
            return named + ops.divide_no_nan(ops.sum(placed, axis=-1), count)

    picture = keras.Input((8, 8, 3))
    c3 = layers.Conv2D(4, 3, 2, padding="same", activation="relu")(picture)
    c4 = layers.Conv2D(4, 3, 2, padding="same", activation="relu")(c3)
    p4 = layers.Conv2D(4, 1)(c4)
    p3 = layers.Conv2D(4, 1)(c3) + layers.UpSampling2D(2)(p4)
    head = keras.Sequential(
        [keras.Input((None, None, 4)), layers.Conv2D(4, 3, padding="same"), layers.ReLU()]
    )
    named, placed = layers.Conv2D(2, 3, padding="same"), layers.Conv2D(4, 3, padding="same")
    boxes = [layers.Reshape((-1, 4))(placed(head(p))) for p in (p3, p4)]
    classes = [layers.Reshape((-1, 2))(named(head(p))) for p in (p3, p4)]
    boxes = layers.Concatenate(axis=1)(boxes)
    classes = layers.Concatenate(axis=1)(classes)
    outputs = layers.Concatenate(axis=-1)([boxes, classes])
    model = fixed(keras.Model(picture, outputs))
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), RetinaNetLoss())
    kinds = whole(4, 4, 20, 1, seed=3) - 2.0
    return fitted(model, drawn(4, 8, 8, 3), np.concatenate([drawn(4, 20, 4), kinds], -1))


def wide_and_deep(keras):
    layers = keras.layers
    numbers = {name: keras.Input((1,), name=name) for name in ("age", "hours")}
    words = keras.Input((1,), name="work", dtype="string")
    index = layers.StringLookup(vocabulary=["a", "b"], num_oov_indices=1)(words)
    one_hot = layers.CategoryEncoding(num_tokens=3, output_mode="one_hot")(index)
    wide = layers.BatchNormalization()(layers.concatenate([*numbers.values(), one_hot]))
    vector = layers.Flatten()(layers.Embedding(3, 2)(index))
    deep = layers.concatenate([*numbers.values(), vector])
    for units in (4, 3):
        deep = layers.Dense(units)(deep)
        deep = layers.ReLU()(layers.BatchNormalization()(deep))
    outputs = layers.Dense(2, activation="softmax")(layers.concatenate([wide, deep]))
    model = keras.Model({**numbers, "work": words}, outputs)
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(0, 0.1, weight.shape).astype("float32"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    table = {
        "age": drawn(4, 1),
        "hours": drawn(4, 1, seed=1),
        "work": np.array([["a"], ["b"], ["?"], ["a"]], object),
    }
    return fitted(model, table, whole(2, 4))


def gated_selection(keras):
    layers, ops = keras.layers, keras.ops

    class GatedLinearUnit(layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.linear = layers.Dense(units)
            self.sigmoid = layers.Dense(units, activation="sigmoid")

        def call(self, inputs):
            return self.linear(inputs) * self.sigmoid(inputs)

    class GatedResidualNetwork(layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = units
            self.elu, self.linear = layers.Dense(units, activation="elu"), layers.Dense(units)
            self.gate, self.norm = GatedLinearUnit(units), layers.LayerNormalization()
            self.project = layers.Dense(units)

        def call(self, inputs):
            x = self.linear(self.elu(inputs))
            if inputs.shape[-1] != self.units:
                inputs = self.project(inputs)
            return self.norm(inputs + self.gate(x))

    class VariableSelection(layers.Layer):
        def __init__(self, count, units):
            super().__init__()
            self.each = [GatedResidualNetwork(units) for _ in range(count)]
            self.all = GatedResidualNetwork(units)
            self.softmax = layers.Dense(units=count, activation="softmax")

        def call(self, inputs):
            weights = ops.expand_dims(self.softmax(self.all(layers.concatenate(inputs))), axis=-1)
            outputs = ops.stack([grn(x) for grn, x in zip(self.each, inputs, strict=True)], axis=1)
            return ops.squeeze(ops.matmul(ops.transpose(weights, [0, 2, 1]), outputs), axis=1)

    columns = [keras.Input((2,), name=name) for name in ("one", "two", "three")]
    features = VariableSelection(3, 4)(columns)
    model = fixed(keras.Model(columns, layers.Dense(1, activation="sigmoid")(features)))
    model.compile("adam", "binary_crossentropy", metrics=[keras.metrics.BinaryAccuracy()])
    return fitted(model, [drawn(4, 2, seed=n) for n in range(3)], whole(2, 4, 1))


def decision_forest(keras):
    layers, ops = keras.layers, keras.ops

    class Tree(keras.Model):
        def __init__(self, depth, features, classes):
            super().__init__()
            self.depth, self.leaves = depth, 2**depth
            self.used = np.eye(features, dtype="float32")[[0, 2]].T
            self.pi = self.add_weight(
                initializer="random_normal", shape=[self.leaves, classes], dtype="float32",
                trainable=True,
            )  # fmt: skip
            self.decide = layers.Dense(self.leaves, activation="sigmoid", name="decision")

        def call(self, features):
            size = ops.shape(features)[0]
            features = ops.matmul(features, self.used)
            decisions = ops.expand_dims(self.decide(features), axis=2)
            decisions = layers.concatenate([decisions, 1 - decisions], axis=2)
            mu = ops.ones([size, 1, 1])
            begin, end = 1, 2
            for level in range(self.depth):
                mu = ops.reshape(mu, [size, -1, 1])
                mu = ops.tile(mu, (1, 1, 2)) * decisions[:, begin:end, :]
                begin, end = end, end + 2 ** (level + 1)
            mu = ops.reshape(mu, [size, self.leaves])
            return ops.matmul(mu, keras.activations.softmax(self.pi))

    columns = keras.Input((3,))
    x = layers.BatchNormalization()(columns)
    trees = [Tree(2, 3, 2) for _ in range(2)]
    outputs = ops.mean(ops.stack([tree(x) for tree in trees]), axis=0)
    model = fixed(keras.Model(columns, outputs))
    model.compile("adam", "sparse_categorical_crossentropy")
    return fitted(model, drawn(4, 3), whole(2, 4))


def radiance_field(keras):
    layers, ops = keras.layers, keras.ops

    class Field(keras.Model):
        def __init__(self):
            super().__init__()
            self.net = keras.Sequential(
                [keras.Input((3, 15)), layers.Dense(6, activation="relu"), layers.Dense(4)]
            )

        def call(self, points):
            codes = [points]
            for i in range(2):
                for function in (ops.sin, ops.cos):
                    codes.append(function(2.0**i * points))
            raw = self.net(ops.concatenate(codes, axis=-1))
            color, sigma = ops.sigmoid(raw[..., :-1]), ops.relu(raw[..., -1])
            alpha = 1.0 - ops.exp(-sigma * 0.5)
            through = ops.cumprod(1.0 - alpha + 1e-10, axis=-1)
            through = ops.concatenate([ops.ones_like(through[:, :1]), through[:, :-1]], axis=-1)
            return ops.sum((alpha * through)[..., None] * color, axis=-2)

    model = Field()
    rays = drawn(4, 3, 3)
    model(rays)
    fixed(model).compile("adam", keras.losses.MeanSquaredError())
    return fitted(model, rays, drawn(4, 3, seed=1))


def spectrograms(keras):
    layers = keras.layers
    sound = keras.Input((64,))
    x = layers.MelSpectrogram(fft_length=16, sequence_stride=8, num_mel_bins=4,
                              sampling_rate=100, max_freq=50)(sound)  # fmt: skip
    x = layers.Reshape((*x.shape[1:], 1))(x)
    x = layers.GlobalMaxPooling2D()(layers.Conv2D(3, 3, activation="relu")(x))
    model = fixed(keras.Model(sound, layers.Dense(2)(x)))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return fitted(model, drawn(4, 64), whole(2, 4))


def windows_of_a_series(keras):
    layers = keras.layers
    series = drawn(40, 2)
    data = keras.utils.timeseries_dataset_from_array(
        series[:-6], series[6:, 0], sequence_length=3, sampling_rate=2, batch_size=8
    )
    inputs = keras.Input((3, 2))
    model = fixed(keras.Model(inputs, layers.Dense(1)(layers.LSTM(3)(inputs))))
    model.compile(keras.optimizers.Adam(0.001), "mse")
    return model.fit(data, epochs=2, verbose=0).history["loss"]


PROGRAMS = [
    vision_transformer,
    conv_mixer,
    compact_transformer,
    shifted_windows,
    masked_words,
    named_entities,
    speech,
    contrastive_pictures,
    u_net,
    retina_net,
    wide_and_deep,
    gated_selection,
    decision_forest,
    radiance_field,
    spectrograms,
    windows_of_a_series,
]
