"""Every name of `keras.utils` is here with Keras's arguments, or in a table with the reason."""

from __future__ import annotations

import inspect

import keras
import pytest

from pellucid import utils

# Names of Keras that are not here, and why.
ABSENT = {
    "audio_dataset_from_directory": "decodes sound by TensorFlow",
    "legacy": "Keras 2's serialisation",
}
# Arguments of Keras that are not offered, with the reason.
ABSENT_ARGUMENTS = {
    "deserialize_keras_object": {"kwargs"},  # swallowed there
    "plot_model": {"kwargs"},
    "model_to_dot": {"kwargs"},
}


def test_every_public_name_is_here_or_has_a_reason():
    public = {name for name in dir(keras.utils) if not name.startswith("_")}
    assert {name for name in public if not hasattr(utils, name)} == set(ABSENT)


FUNCTIONS = [
    n for n in dir(keras.utils) if inspect.isfunction(getattr(keras.utils, n)) and n not in ABSENT
] + ["Progbar", "PyDataset"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arguments_of_utilities_are_kerass(name):
    ours, theirs = (
        {n: p.default for n, p in inspect.signature(getattr(m, name)).parameters.items()}
        for m in (utils, keras.utils)
    )
    for absent in ABSENT_ARGUMENTS.get(name, ()):
        del theirs[absent]
    if name == "save_img":  # what goes to PIL has another collective name
        ours["kwargs"] = ours.pop("options")
    assert ours == theirs
    assert list(ours) == list(theirs)
