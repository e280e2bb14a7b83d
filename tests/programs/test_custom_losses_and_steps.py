"""Programs that go below `fit` in the manner of Keras on JAX, two steps each."""

import numpy as np

from pellucid import Input, Model, Sequential, layers, losses, metrics, ops, optimizers

X = np.random.default_rng(0).random((16, 4)).astype("float32")
QUIET = {"epochs": 2, "batch_size": 8, "shuffle": False, "verbose": 0}
QUIET |= {"doctor": None, "checkup": False}


def finite_and_falling(values):
    assert np.isfinite(values).all()
    assert values[-1] < values[0]


def test_an_autoencoder_whose_compute_loss_calls_its_layers():
    class Autoencoder(Model):
        def __init__(self):
            super().__init__()
            self.encoder = layers.Dense(2, kernel_initializer="ones")
            self.decoder = layers.Dense(4, kernel_initializer="ones")

        def call(self, x):
            return self.decoder(self.encoder(x))

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            return ops.mean((self.decoder(self.encoder(x)) - y) ** 2)

    def trained(loss):
        model = Autoencoder() if loss is None else Sequential([*Autoencoder().sublayers()])
        model.compile("sgd", loss)
        return model.fit(X, X, **QUIET).history["loss"]

    np.testing.assert_allclose(trained(None), trained("mse"), rtol=1e-5)


def test_a_variational_autoencoder_with_trackers():
    class Sampling(layers.Layer):
        def call(self, inputs):
            mean, log_var = inputs
            import jax

            noise = jax.random.normal(self.make_rng(), mean.shape)
            return mean + ops.exp(0.5 * log_var) * noise

    class VAE(Model):
        def __init__(self):
            super().__init__()
            self.mean, self.log_var = layers.Dense(2), layers.Dense(2)
            self.sampling, self.decoder = Sampling(), layers.Dense(4)
            self.loss_tracker = metrics.Mean(name="total")
            self.kl_tracker = metrics.Mean(name="kl")

        @property
        def metrics(self):
            return [self.loss_tracker, self.kl_tracker]

        def call(self, x):
            return self.decoder(self.sampling([self.mean(x), self.log_var(x)]))

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            mean, log_var = self.mean(x), self.log_var(x)
            kl = -0.5 * ops.mean(1 + log_var - ops.square(mean) - ops.exp(log_var))
            total = ops.mean(ops.square(x - self.decoder(self.sampling([mean, log_var])))) + kl
            self.loss_tracker.update_state(total)
            self.kl_tracker.update_state(kl)
            return total

    model = VAE()
    model.compile(optimizers.Adam(0.05))
    logs = model.fit(X, **{**QUIET, "epochs": 12}).history
    np.testing.assert_allclose(logs["total"], logs["loss"], rtol=1e-5)
    finite_and_falling(logs["total"])
    assert set(logs) == {"loss", "total", "kl"}


def test_knowledge_distillation_moves_the_student_alone():
    def net(units):
        return Sequential([Input((4,)), layers.Dense(units, activation="relu"), layers.Dense(3)])

    class Distiller(Model):
        def __init__(self, student, teacher):
            super().__init__()
            self.student, self.teacher = student, teacher
            teacher.trainable = False

        def compile(self, optimizer, metrics, student_loss, distillation_loss, alpha):
            super().compile(optimizer=optimizer, metrics=metrics)
            self.student_loss, self.distillation_loss = student_loss, distillation_loss
            self.alpha = alpha

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            soft = ops.softmax(self.teacher(x, training=False) / 2.0)
            distilled = self.distillation_loss(soft, ops.softmax(y_pred / 2.0)) * 4.0
            return self.alpha * self.student_loss(y, y_pred) + (1 - self.alpha) * distilled

        def call(self, x):
            return self.student(x)

    labels = np.arange(16) % 3
    teacher, student = net(8), net(4)
    held = teacher.get_weights()
    model = Distiller(student, teacher)
    model.compile(
        "adam",
        ["sparse_categorical_accuracy"],
        losses.SparseCategoricalCrossentropy(from_logits=True),
        losses.KLDivergence(),
        0.1,
    )
    logs = model.fit(X, labels, **QUIET).history
    finite_and_falling(logs["loss"])
    for before, after in zip(held, teacher.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_layer_that_is_the_loss_and_counts_its_own_metric():
    class Endpoint(layers.Layer):
        def __init__(self):
            super().__init__()
            self.loss_fn = losses.BinaryCrossentropy(from_logits=True)
            self.hits = metrics.BinaryAccuracy(name="hits")

        def call(self, logits, targets=None):
            if targets is not None:
                self.add_loss(self.loss_fn(targets, logits))
                self.hits.update_state(targets, ops.sigmoid(logits))
            return ops.sigmoid(logits)

    inputs, targets = Input((4,), name="inputs"), Input((1,), name="targets")
    logits = layers.Dense(1)(inputs)
    model = Model({"inputs": inputs, "targets": targets}, Endpoint()(logits, targets))
    y = (X.sum(axis=1, keepdims=True) > 2).astype("float32")
    model.compile("adam")
    logs = model.fit({"inputs": X, "targets": y}, **QUIET).history
    finite_and_falling(logs["loss"])
    share = float(((model.predict({"inputs": X, "targets": y}) > 0.5) == y).mean())
    np.testing.assert_allclose(model.evaluate({"inputs": X, "targets": y}, verbose=0)[1], share)
