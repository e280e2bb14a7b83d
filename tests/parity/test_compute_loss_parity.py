"""A `compute_loss` of one's own, and where penalties and added losses are counted: as in Keras."""

import keras
import numpy as np
import pytest

import pellucid

X, Y = np.ones((32, 4), "float32"), 2 * np.ones((32, 2), "float32")


def own_loss(model, base, y, y_pred):
    return ((y - y_pred) ** 2).mean()


HOW = {
    "what super gives": lambda model, base, y, y_pred: base,
    "without the penalties": own_loss,
    "with the penalties by hand": lambda model, *rest: own_loss(model, *rest) + sum(model.losses),
}


def trained(library, how):
    class Net(library.Model):
        def __init__(self):
            super().__init__()
            self.dense = library.layers.Dense(
                2, kernel_initializer="ones", kernel_regularizer="l2", activity_regularizer="l2"
            )
            self.seen = library.metrics.Mean(name="seen")

        def call(self, x):
            return self.dense(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            base = super().compute_loss(x, y, y_pred, sample_weight, training)
            self.seen.update_state(sum(self.losses))
            return how(self, base, y, y_pred)

    net = Net()
    net.compile(library.optimizers.SGD(0.01), loss="mse")
    history = net.fit(X, Y, epochs=2, verbose=0).history
    return net, history, net.evaluate(X, Y, return_dict=True, verbose=0)


@pytest.mark.parametrize("name", HOW)
def test_it_is_the_loss_as_it_stands(name):
    ours, history, found = trained(pellucid, HOW[name])
    theirs, expected, wanted = trained(keras, HOW[name])
    assert history.keys() == expected.keys()
    for log, values in expected.items():
        np.testing.assert_allclose(history[log], values, rtol=1e-5)
        assert found[log] == pytest.approx(wanted[log], rel=1e-5)
    np.testing.assert_allclose(ours.get_weights()[0], theirs.get_weights()[0], rtol=1e-5)


def test_the_stateless_form_counts_penalties_at_the_given_values():
    found = []
    for library in (pellucid, keras):
        net, _, _ = trained(library, HOW["what super gives"])
        own = [0.5 * np.ones((4, 2), "float32"), np.zeros(2, "float32")]
        held = [np.asarray(v.value) for v in net.metrics_variables]
        y_pred = X @ own[0]
        loss, _ = net.stateless_compute_loss(own, [], held, x=X, y=Y, y_pred=y_pred)
        found.append(float(loss))
    assert found[0] == pytest.approx(found[1], rel=1e-5)
