"""Calls in Keras's form where ours were told apart by it: by place, by part, by override."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from pellucid import layers, metrics, optimizers


def test_common_arguments_of_optimisers_by_place():
    adam = optimizers.Adam(0.1, 0.8, 0.9, 1e-6, True, 0.02, 1.0)
    assert (adam.amsgrad, adam.weight_decay, adam.clipnorm) == (True, 0.02, 1.0)
    adamw = optimizers.AdamW(0.1, 0.02, 0.8, 0.9, 1e-6, True, 1.0)
    assert (adamw.beta_1, adamw.weight_decay, adamw.clipnorm) == (0.8, 0.02, 1.0)
    with pytest.raises(TypeError):
        optimizers.SGD(0.1, 0.9, False, 0.02, weight_decay=0.1)


def test_a_metric_s_subclass_keeps_the_name_it_inherits():
    class Mine(metrics.MeanSquaredError):
        pass

    assert Mine().name == "mean_squared_error"
    assert repr(metrics.MeanSquaredError()) == "MeanSquaredError()"


def test_vocabularies_and_boundaries_counted_batch_by_batch():
    lookup, whole = layers.StringLookup(), layers.StringLookup()
    for batch in (["a", "b"], ["b", "c", "b"]):
        lookup.update_state(np.array(batch))
    lookup.finalize_state()
    whole.adapt(np.array(["a", "b", "b", "c", "b"]))
    assert lookup.get_vocabulary() == whole.get_vocabulary() == ["[UNK]", "b", "c", "a"]
    lookup.reset_state()
    lookup.finalize_state()  # nothing new: the vocabulary stays
    assert lookup.get_vocabulary() == whole.get_vocabulary()

    words = layers.TextVectorization()
    words.update_state(["a b", "b"])
    words.finalize_state()
    assert words.get_vocabulary() == ["", "[UNK]", "b", "a"]

    bins = layers.Discretization(num_bins=2)
    bins.update_state([0.0, 1.0])
    bins.update_state([2.0, 3.0])
    bins.finalize_state()
    assert bins.bin_boundaries == pytest.approx([1.0])


@pytest.mark.parametrize("form", ["channels_last", "channels_first"])
def test_a_convolution_of_one_s_own(form):
    class Doubled(layers.Conv1D):
        def convolution_op(self, inputs, kernel):
            return super().convolution_op(inputs, 2 * kernel)

    x = np.arange(10, dtype="float32").reshape(1, 5, 2)
    x = x if form == "channels_last" else x.transpose(0, 2, 1)
    plain, doubled = (kind(3, 2, data_format=form) for kind in (layers.Conv1D, Doubled))
    plain.build(x.shape)
    doubled.build(x.shape)
    doubled.kernel = plain.kernel
    assert jnp.allclose(doubled(x), 2 * plain(x), atol=1e-5)
