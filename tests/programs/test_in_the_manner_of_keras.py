"""Programs as Keras's own examples are written, on drawn data, two steps each.

Each takes the library it runs on, so that it can be run on Keras as well; the numbers beside each
are those of Keras 3.15 on JAX, from the same weights.
"""

from __future__ import annotations

import jax
import numpy as np
import pytest

import pellucid

QUIET = {"epochs": 2, "batch_size": 4, "shuffle": False, "verbose": 0}
OURS = {"doctor": None, "checkup": False}


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).random(shape).astype("float32")


def fixed(model, seed=0):
    """The model with weights that depend on their shapes alone."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.1, np.shape(w)).astype("float32") for w in model.weights])
    return model


def fitted(keras, model, *data, **settings):
    more = OURS if keras is pellucid else {}
    return model.fit(*data, **{**QUIET, **settings, **more}).history["loss"]


def siamese(keras):
    layers, ops = keras.layers, keras.ops

    def distance(pair):
        squares = ops.sum(ops.square(pair[0] - pair[1]), axis=1, keepdims=True)
        return ops.sqrt(ops.maximum(squares, keras.backend.epsilon()))

    def contrastive(y_true, y_pred):
        far = ops.square(ops.maximum(1 - y_pred, 0))
        return ops.mean((1 - y_true) * ops.square(y_pred) + y_true * far)

    picture = keras.Input((6, 6, 1))
    x = layers.AveragePooling2D(2)(layers.Conv2D(2, 3, activation="tanh")(picture))
    twin = keras.Model(picture, layers.Dense(3)(layers.Flatten()(x)))
    left, right = keras.Input((6, 6, 1)), keras.Input((6, 6, 1))
    apart = layers.Lambda(distance, output_shape=(1,))([twin(left), twin(right)])
    model = fixed(keras.Model([left, right], layers.Dense(1, activation="sigmoid")(apart)))
    model.compile("rmsprop", contrastive)
    same = np.array([0, 1] * 4, "float32")[:, None]
    return fitted(keras, model, [drawn(8, 6, 6), drawn(8, 6, 6, seed=1)], same)


def point_clouds(keras):
    layers, ops = keras.layers, keras.ops

    class OrthogonalRegularizer(keras.regularizers.Regularizer):  # called like a built-in one
        def __init__(self, features, factor=0.1):
            self.features, self.factor = features, factor

        def __call__(self, x):
            x = ops.reshape(x, (-1, self.features, self.features))
            products = ops.matmul(x, ops.transpose(x, (0, 2, 1)))
            return ops.sum(self.factor * ops.square(products - ops.eye(self.features)))

        def get_config(self):
            return {"features": self.features, "factor": self.factor}

    points = keras.Input((5, 3))
    turned = layers.Dense(9, activity_regularizer=OrthogonalRegularizer(3))(
        layers.GlobalMaxPooling1D()(points)
    )
    x = layers.Dot(axes=(2, 1))([points, layers.Reshape((3, 3))(turned)])
    model = fixed(keras.Model(points, layers.Dense(1)(layers.Flatten()(x))))
    model.compile("sgd", "mse")
    return fitted(keras, model, drawn(8, 5, 3), drawn(8, 1))


def inverted_residuals(keras):
    layers, activations = keras.layers, keras.activations
    inputs = keras.Input((8, 8, 3))
    x = activations.swish(layers.Conv2D(4, 1, use_bias=False)(inputs))
    x = activations.relu(layers.DepthwiseConv2D(3, padding="same")(x), max_value=6.0)
    x = layers.Add()([layers.Conv2D(3, 1)(x), inputs])
    scores = layers.Dense(2)(layers.GlobalAvgPool2D()(x))
    model = fixed(keras.Model(inputs, activations.softmax(scores)))
    kernels = [c.get_config()["kernel_size"] for c in model.layers if hasattr(c, "kernel_size")]
    assert kernels == [(1, 1), (3, 3), (1, 1)]
    model.compile("sgd", "sparse_categorical_crossentropy")
    return fitted(keras, model, drawn(8, 8, 8, 3), np.arange(8) % 2)


def latent_queries(keras):
    """Cross attention of a learned array with every sample, in a functional part (a Perceiver)."""
    layers, ops = keras.layers, keras.ops
    queries, data = keras.Input((2, 4), name="queries"), keras.Input((5, 4), name="data")
    seen = layers.Attention(use_scale=True)([layers.Dense(4)(queries), data, layers.Dense(4)(data)])
    attention = keras.Model({"queries": queries, "data": data}, layers.Add()([seen, queries]))

    class Reader(keras.Model):
        def build(self, input_shape):
            self.latent = self.add_weight(shape=(2, 4), initializer="random_normal", name="latent")
            self.attention, self.head = attention, layers.Dense(1)
            self.head.build((None, 4))
            super().build(input_shape)

        def call(self, inputs):
            x = {"data": inputs, "queries": ops.expand_dims(self.latent, 0)}
            for _ in range(2):
                x["queries"] = self.attention(x)
            return self.head(ops.mean(x["queries"], axis=1))

    model = Reader()
    model.build((None, 5, 4))
    for number, weight in enumerate(model.weights):
        weight.assign(drawn(*weight.shape, seed=number))
    model.compile("sgd", "mse")
    return fitted(keras, model, drawn(8, 5, 4), drawn(8, 1))


def supervised_contrastive(keras):
    layers, ops = keras.layers, keras.ops

    class Contrastive(keras.losses.Loss):
        def __call__(self, y_true, y_pred, sample_weight=None):
            vectors = keras.utils.normalize(y_pred, axis=1, order=2)
            labels = ops.cast(ops.reshape(y_true, (-1, 1)), "float32")
            same = ops.cast(ops.equal(labels, ops.transpose(labels)), "float32")
            same /= ops.sum(same, 1, keepdims=True)
            likeness = ops.matmul(vectors, ops.transpose(vectors)) / 0.5
            return ops.mean(ops.categorical_crossentropy(same, likeness, from_logits=True))

    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(4, activation="tanh"), layers.Dense(3)]
    )
    fixed(model).compile("sgd", Contrastive())
    return fitted(keras, model, drawn(8, 6), np.arange(8)[:, None] % 2)


def pixel_network(keras):
    layers = keras.layers

    class Masked(layers.Layer):
        def __init__(self, kind, **kwargs):
            super().__init__()
            self.kind, self.conv = kind, layers.Conv2D(**kwargs)

        def build(self, input_shape):
            self.conv.build(input_shape)
            rows, columns, *rest = keras.ops.shape(self.conv.kernel)
            self.mask = np.zeros((rows, columns, *rest), "float32")
            self.mask[: rows // 2] = 1.0
            self.mask[rows // 2, : columns // 2 + (self.kind == "B")] = 1.0

        def call(self, inputs):
            self.conv.kernel.assign(self.conv.kernel * self.mask)
            return self.conv(inputs)

    inputs = keras.Input((6, 6, 1))
    x = Masked("A", filters=2, kernel_size=3, activation="relu", padding="same")(inputs)
    x = layers.add([x, Masked("B", filters=2, kernel_size=3, padding="same")(x)])
    model = fixed(keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x)))
    model.compile("adam", "binary_crossentropy")
    data = np.round(drawn(8, 6, 6, 1))
    return fitted(keras, model, data, data)


def flows(keras):
    layers, ops = keras.layers, keras.ops

    def coupling():
        inputs = keras.Input((2,))
        return keras.Model(
            inputs, [layers.Dense(2, activation="tanh")(inputs), layers.Dense(2)(inputs)]
        )

    class RealNVP(keras.Model):
        def __init__(self):
            super().__init__()
            self.masks = np.array([[0, 1], [1, 0]], "float32")
            self.couplings = [coupling(), coupling()]
            self.loss_tracker = keras.metrics.Mean(name="loss")

        @property
        def metrics(self):
            return [self.loss_tracker]

        def call(self, x, training=True):
            total = 0
            for mask, layer in zip(self.masks, self.couplings, strict=True):
                scale, shift = layer(x * mask)
                scale, shift = scale * (1 - mask), shift * (1 - mask)
                x = (1 - mask) * (x - shift) * ops.exp(-scale) + x * mask
                total -= ops.sum(scale, axis=1)
            return x, total

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            z, log_det = y_pred
            loss = ops.mean(0.5 * ops.sum(z**2, -1) + ops.log(2 * np.pi) - log_det)
            self.loss_tracker.update_state(loss)
            return loss

    model = RealNVP()
    model(drawn(2, 2))
    fixed(model).compile("adam")
    return fitted(keras, model, drawn(8, 2))


def two_optimizers(keras):
    """A step of one's own in Keras's form for JAX; the critic and the maker by turns."""
    layers, ops = keras.layers, keras.ops
    critic = fixed(
        keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.LeakyReLU(), layers.Dense(1)])
    )
    maker = fixed(keras.Sequential([keras.Input((2,)), layers.Dense(4)]), seed=1)
    of_critic, of_maker = keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.02)
    of_critic.build(critic.trainable_variables)
    of_maker.build(maker.trainable_variables)
    real, noise = drawn(4, 4), drawn(4, 2, seed=2)

    def slope_penalty(weights, x):
        slopes = jax.grad(lambda v: ops.sum(critic.stateless_call(weights, [], v)[0]))(x)
        return ops.mean((ops.norm(slopes, axis=1) - 1.0) ** 2)

    def critic_loss(weights, fake):
        scores = [critic.stateless_call(weights, [], x)[0] for x in (fake, real)]
        return ops.mean(scores[0]) - ops.mean(scores[1]) + 10 * slope_penalty(weights, fake)

    def maker_loss(weights, critics):
        fake = maker.stateless_call(weights, [], noise)[0]
        return -ops.mean(critic.stateless_call(critics, [], fake)[0])

    @jax.jit
    def step(state):
        critics, makers, held, kept = state
        fake = maker.stateless_call(makers, [], noise)[0]
        first, slopes = jax.value_and_grad(critic_loss)(critics, fake)
        critics, held = of_critic.stateless_apply(held, slopes, critics)
        second, slopes = jax.value_and_grad(maker_loss)(makers, critics)
        makers, kept = of_maker.stateless_apply(kept, slopes, makers)
        return (first, second), (critics, makers, held, kept)

    groups = (critic.trainable_variables, maker.trainable_variables, of_critic.variables)
    state = tuple([v.value for v in group] for group in (*groups, of_maker.variables))
    found = []
    for _ in range(2):
        losses, state = step(state)
        found += [float(loss) for loss in losses]
    return found


def reinforcement(keras):
    layers, ops = keras.layers, keras.ops
    inputs = keras.Input((4,))
    x = layers.Dense(6, activation="relu")(inputs)
    model = fixed(
        keras.Model(inputs, [layers.Dense(2, activation="softmax")(x), layers.Dense(1)(x)])
    )
    optimizer, huber = keras.optimizers.Adam(0.05), keras.losses.Huber()
    states, actions, returns = drawn(5, 4), np.array([0, 1, 1, 0, 1]), drawn(5, seed=1)

    def loss(weights):
        (chances, values), _ = model.stateless_call(weights, [], states)
        taken = ops.sum(chances * ops.one_hot(actions, 2), axis=1)
        return huber(returns, values[:, 0]) - ops.mean(ops.log(taken) * (returns - values[:, 0]))

    found = []
    for _ in range(2):
        weights = [v.value for v in model.trainable_variables]
        value, slopes = jax.value_and_grad(loss)(weights)
        optimizer.apply_gradients(zip(slopes, model.trainable_variables, strict=True))
        found.append(float(value))
    return found


def messages_in_a_graph(keras):
    layers, ops = keras.layers, keras.ops

    class Attention(layers.Layer):
        def build(self, shapes):
            self.kernel = self.add_weight(shape=(shapes[0][-1], 3), name="kernel")
            self.weigh = self.add_weight(shape=(6, 1), name="weigh")

        def call(self, inputs):
            nodes, edges = inputs
            moved = ops.matmul(nodes, self.kernel)
            pairs = ops.reshape(ops.take(moved, edges, axis=0), (ops.shape(edges)[0], -1))
            scores = ops.exp(ops.clip(ops.leaky_relu(ops.matmul(pairs, self.weigh))[:, 0], -2, 2))
            count = ops.shape(nodes)[0]
            sums = ops.segment_sum(scores, edges[:, 0], num_segments=count)
            shares = scores / ops.take(sums, edges[:, 0])
            messages = ops.take(moved, edges[:, 1], axis=0) * shares[:, None]
            return ops.segment_sum(messages, edges[:, 0], num_segments=count)

    nodes, edges = keras.Input((2,)), keras.Input((2,), dtype="int32")
    x = Attention()([nodes, edges])
    x, _ = layers.GRUCell(3)(x, x)
    model = fixed(keras.Model([nodes, edges], layers.Dense(1)(x)))
    model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    ring = np.array([[i, (i + 1) % 6] for i in range(6)])
    return fitted(keras, model, [drawn(6, 2), ring], np.arange(6) % 2, batch_size=6)


def recommender(keras):
    layers, ops = keras.layers, keras.ops

    class Recommender(keras.Model):
        def __init__(self):
            super().__init__()
            penalty = keras.regularizers.l2(1e-2)
            self.users = layers.Embedding(3, 2, embeddings_regularizer=penalty)
            self.films, self.bias = layers.Embedding(4, 2), layers.Embedding(4, 1)

        def call(self, pairs):
            likes = ops.tensordot(self.users(pairs[:, 0]), self.films(pairs[:, 1]), 2)
            return ops.nn.sigmoid(likes + self.bias(pairs[:, 1]))

    model, pairs = Recommender(), np.stack([np.arange(8) % 3, np.arange(8) % 4], 1)
    model(pairs)
    fixed(model).compile("adam", "binary_crossentropy")
    return fitted(keras, model, pairs, drawn(8))


def heat_maps(keras):
    """Gradients with respect to pictures: integrated gradients, and the class's activation map."""
    ops, layers = keras.ops, keras.layers
    last, head = layers.Conv2D(3, 3, activation="relu"), layers.Dense(4)
    inputs = keras.Input((6, 6, 2))
    body = keras.Model(inputs, last(inputs))
    maps = keras.Input((4, 4, 3))
    tail = keras.Model(maps, head(layers.GlobalAveragePooling2D()(maps)))
    fixed(body), fixed(tail, seed=1)
    picture = ops.convert_to_tensor(drawn(1, 6, 6, 2))
    best = int(ops.argmax(tail(body(picture))[0]))
    parts = [jax.grad(lambda x: tail(body(x))[0, best])(picture * (k / 4)) for k in range(5)]
    whole = float(ops.sum(ops.mean(ops.stack(parts), axis=0) * picture))
    found = body(picture)
    slopes = ops.mean(jax.grad(lambda x: tail(x)[0, best])(found), axis=(0, 1, 2))
    heat = ops.squeeze(found[0] @ slopes[..., None])
    return [whole, float(ops.sum(ops.maximum(heat, 0)))]


def masked_parts(keras):
    """Outputs that the loss compares with each other, and a list of inputs without targets."""
    layers = keras.layers

    class Views(keras.Model):
        def __init__(self):
            super().__init__()
            self.encoder, self.decoder = layers.Dense(3), layers.Dense(3)

        def call(self, views):
            return self.encoder(views[0]), self.decoder(views[1])

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return self.loss(*y_pred)

    model, views = Views(), [drawn(8, 3), drawn(8, 3, seed=1)]
    model(views)
    fixed(model).compile("sgd", keras.losses.MeanSquaredError())
    return fitted(keras, model, views)


PROGRAMS = {
    siamese: [0.252015, 0.251873],
    point_clouds: [0.855329, 0.773273],
    inverted_residuals: [0.706671, 0.706129],
    latent_queries: [7.02186, 2.14496],
    supervised_contrastive: [1.38569, 1.38568],
    pixel_network: [0.69724, 0.696952],
    flows: [2.18652, 2.17987],
    two_optimizers: [9.89491, -0.0484402, 9.859, -0.0496874],
    reinforcement: [0.561199, 0.442031],
    messages_in_a_graph: [0.695242, 0.695182],
    recommender: [0.699864, 0.699378],
    heat_maps: [0.0122749, 0.0178872],
    masked_parts: [0.00778994, 0.00749301],
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_its_numbers_are_those_of_keras(program):
    np.testing.assert_allclose(program(pellucid), PROGRAMS[program], rtol=2e-4)


def test_a_label_that_is_an_input_stays_one():
    """Readers of text, whose loss is a layer: the batches are dictionaries without targets."""
    layers, ops = pellucid.layers, pellucid.ops

    class CTC(layers.Layer):
        def call(self, y_true, y_pred):
            ones = ops.ones(ops.shape(y_true)[:1], "int32")
            lengths = ones * ops.shape(y_true)[1], ones * ops.shape(y_pred)[1]
            log = ops.log(y_pred + 1e-7)
            loss = ops.ctc_loss(ops.cast(y_true, "int32"), log, *lengths, mask_index=4)
            self.add_loss(ops.mean(loss))
            return y_pred

    image = pellucid.Input((6, 5), name="image")
    label = pellucid.Input((None,), name="label")
    x = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(image)
    x = layers.Dense(5, activation="softmax", name="letters")(x)
    model = pellucid.Model([image, label], CTC()(label, x))
    model.compile("adam")
    batch = {"image": drawn(4, 6, 5), "label": np.array([[0, 1, 2]] * 4, "int32")}
    data = pellucid.data.Dataset.from_tensor_slices(batch).batch(2)
    assert np.isfinite(model.fit(data, verbose=0, **OURS).history["loss"]).all()
    reader = pellucid.Model(model.input[0], model.get_layer("letters").output)
    answer = reader.predict(batch["image"], verbose=0)
    answer *= 255  # the caller's own, to be written into
    assert answer.shape == (4, 6, 5)


def test_a_clone_keeps_functions_and_classes_of_ones_own():
    layers = pellucid.layers

    @pellucid.saving.register_keras_serializable()
    def waves(x):
        return pellucid.ops.sin(x)

    class L2(pellucid.regularizers.Regularizer):  # called like a built-in one
        def __call__(self, x):
            return pellucid.ops.sum(x) * 0

        def get_config(self):
            return {}

    inputs = pellucid.Input((2,))
    x = layers.Dense(2, kernel_regularizer=L2())(layers.Lambda(waves)(inputs))
    model = pellucid.Model(inputs, x)
    twin = pellucid.models.clone_model(model)
    twin.set_weights(model.get_weights())
    np.testing.assert_array_equal(twin(drawn(1, 2)), model(drawn(1, 2)))
    assert type(twin.layers[-1].kernel_regularizer) is L2
