"""Every public name of Keras's modules is here, or in the table below with the reason."""

from __future__ import annotations

import importlib
import inspect

import keras
import pytest

MODULES = ("callbacks", "constraints", "metrics", "optimizers", "regularizers", "utils")
MODULES += ("optimizers.schedules",)

# Not offered: module -> name -> why.
ABSENT = {
    "callbacks": {
        "BackupAndRestore": "resuming a run that was killed comes with whole checkpoints",
        "OrbaxCheckpoint": "writes TensorFlow's sharded checkpoints by another library",
        "RemoteMonitor": "posts the logs to a server of its own kind that is no longer maintained",
    },
    "optimizers": {"legacy": "a stub that only raises"},
    "utils": {
        "Config": "an experimental dictionary; Python's own will do",
        "FeatureSpace": "belongs to the preprocessing of tables",
        "audio_dataset_from_directory": "decodes sound by TensorFlow",
        "bounding_boxes": "a folder of layers' helpers",
        "disable_interactive_logging": "verbose=2 says it for one call",
        "enable_interactive_logging": "verbose=1 says it for one call",
        "is_interactive_logging_enabled": "see the two above",
        "legacy": "Keras 2's serialisation",
    },
}
# Arguments of Keras that are not offered, with the reason.
ABSENT_ARGUMENTS = {
    "image_dataset_from_directory": {"format"},  # TensorFlow's or grain's objects
    "text_dataset_from_directory": {"format"},
    "timeseries_dataset_from_array": {"format"},
    "split_dataset": {"preferred_backend"},
    "deserialize_keras_object": {"kwargs"},  # swallowed there
    "plot_model": {"kwargs"},
    "model_to_dot": {"kwargs"},
}


def modules(name):
    theirs = keras
    for part in name.split("."):
        theirs = getattr(theirs, part)
    return importlib.import_module(f"pellucid.{name}"), theirs


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_is_here_or_has_a_reason(name):
    ours, theirs = modules(name)
    public = {n for n in dir(theirs) if not n.startswith("_")}
    missing = {n for n in public if not hasattr(ours, n)}
    assert missing == set(ABSENT.get(name, {}))


FUNCTIONS = [
    n
    for n in dir(keras.utils)
    if inspect.isfunction(getattr(keras.utils, n)) and n not in ABSENT["utils"]
] + ["Progbar", "PyDataset"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arguments_of_utilities_are_kerass(name):
    ours, theirs = (
        {n: p.default for n, p in inspect.signature(getattr(m, name)).parameters.items()}
        for m in modules("utils")
    )
    for absent in ABSENT_ARGUMENTS.get(name, ()):
        del theirs[absent]
    if name == "save_img":  # what goes to PIL has another collective name
        ours["kwargs"] = ours.pop("options")
    assert ours == theirs
    assert list(ours) == list(theirs)
