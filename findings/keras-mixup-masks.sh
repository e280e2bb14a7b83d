#!/usr/bin/env bash
# Keras: MixUp of images with segmentation masks (batch, height, width, 1).
# Expected: masks of the same shape, each mixed with another. Seen: (batch, height, width, batch): of
# the other masks single numbers are taken, those of the first pixels, and broadcast.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import keras
import numpy as np

masks = np.stack([np.zeros((4, 4, 1)), np.ones((4, 4, 1))]).astype("float32")
data = {
    "images": np.zeros((2, 4, 4, 3), "float32"),
    "labels": np.eye(2, dtype="float32"),
    "segmentation_masks": masks,
}
mixed = keras.layers.MixUp(seed=1)(data, training=True)
print("masks:", masks.shape, "->", mixed["segmentation_masks"].shape)
assert mixed["segmentation_masks"].shape == (2, 4, 4, 2), "the behaviour has changed"
END
