#!/usr/bin/env bash
# Keras: utils.bounding_boxes.compute_ciou of boxes in a relative format, with image_shape as its
# documentation says, (height, width, 3).
# Expected: a number. Seen: ValueError, which asks for image_shape and prints the one given.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import numpy as np
from keras.utils import bounding_boxes

one, other = np.array([[0.0, 0.0, 0.5, 0.5]]), np.array([[0.0, 0.0, 0.5, 0.6]])
try:
    bounding_boxes.compute_ciou(one, other, "rel_xyxy", image_shape=(10, 10, 3))
except ValueError as error:
    print("ValueError:", error)
    assert "(10, 10, 3)" in str(error), "the behaviour has changed"
else:
    raise SystemExit("the behaviour has changed")
END
