"""Records what Keras's layers for text and categories give, where TensorFlow is installed.

Keras computes these layers with TensorFlow, which this project's tests do not install. So its
numbers are recorded once, ``python tests/parity/record_preprocessing.py``, in the JSON file beside
this one, and `test_preprocessing_facts.py` compares with the record.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

RECORD = Path(__file__).with_name("preprocessing_facts.json")
TEXTS = [
    "The quick brown fox, jumps over the lazy dog!",
    "the DOG barks; the fox doesn't care...",
    "  Überall\tist   Wunderland \n überall ist Leben ",
    "one\u00a0two three  (four) [five] {six} 7 eight-nine",
    "",
    "naïve café ☕ 日本語 テスト 日本語",
    "a b a c a d",
    "x",
]
WORDS = ["fox", "dog", "the", "Über", "日本語", "", "a", "x" * 40, "y" * 80]


def words(count: int, seed: int) -> list[str]:
    """Texts of many lengths, so that every path through the hashes is taken."""
    rng = np.random.default_rng(seed)
    letters = list("abcdefghij éß")
    sizes = rng.integers(0, 140, count)
    return ["".join(rng.choice(letters, size)) for size in sizes]


def integers(shape: tuple[int, ...], seed: int, bits: int = 31) -> list:
    rng = np.random.default_rng(seed)
    size = rng.integers(0, bits, shape)
    return (rng.integers(-(2**62), 2**62, shape) >> (62 - size)).tolist()


def case(layer, inputs, adapt=None, **arguments):
    return {"layer": layer, "arguments": arguments, "adapt": adapt, "inputs": inputs}


def cases() -> list[dict]:
    """What is recorded: a layer, its arguments, what it is adapted to, what it is called on."""
    rows = [["fox", "dog", "fox"], ["the", "cat", "dog"], ["a", "", "fox"]]
    vocabulary = ["fox", "dog", "a"]
    numbers = [[12, 36, 12], [1138, 42, -7], [0, 36, 36]]
    found = []
    for salt in (None, 133, [133, 137]):
        for mask in (None, "fox"):
            found.append(
                case("Hashing", [WORDS], num_bins=7, salt=salt, mask_value=mask),
            )
        found.append(case("Hashing", words(60, 1), num_bins=1000003, salt=salt))
        found.append(case("Hashing", integers((12, 5), 2, 62), num_bins=97, salt=salt))
    found.append(case("Hashing", integers((40,), 3), num_bins=10, mask_value=0))
    for mode in ("one_hot", "multi_hot", "count"):
        found.append(case("Hashing", rows, num_bins=5, output_mode=mode))
    crossed = [words(30, 4), integers((30,), 5, 62)]
    found.append(case("HashedCrossing", crossed, num_bins=1000003))
    found.append(case("HashedCrossing", [*crossed, words(30, 6)], num_bins=11))
    found.append(case("HashedCrossing", [[1, 2], [4, 5]], num_bins=4, output_mode="one_hot"))
    for mode in ("int", "one_hot", "multi_hot", "count", "tf_idf"):
        for special in ({}, {"mask_token": "", "num_oov_indices": 2}, {"max_tokens": 4}):
            found.append(case("StringLookup", rows, rows, output_mode=mode, **special))
        masked = {"mask_token": 0, "num_oov_indices": 3, "output_mode": mode}
        found.append(case("IntegerLookup", numbers, numbers[:2], output_mode=mode))
        found.append(case("IntegerLookup", numbers, numbers[:2], **masked))
        padded = {"max_tokens": 9, "pad_to_max_tokens": True, "output_mode": mode}
        found.append(case("StringLookup", rows, rows[:2], **padded))
    found.append(case("StringLookup", rows, vocabulary=["[UNK]", *vocabulary]))
    found.append(case("StringLookup", [WORDS], vocabulary=vocabulary, num_oov_indices=5, salt=7))
    found.append(case("StringLookup", rows[:1], vocabulary=["the", *vocabulary], num_oov_indices=0))
    hashed = {"vocabulary": [12, 36], "num_oov_indices": 5, "oov_method": "farmhash"}
    found.append(case("IntegerLookup", integers((6, 4), 7), **hashed))
    found.append(case("IntegerLookup", integers((6, 4), 7), **hashed, salt=[137, 42]))
    found.append(case("IntegerLookup", [[0, 1, 2, 3, 9]], vocabulary=[12, 36], invert=True))
    for mode in ("int", "multi_hot", "count", "tf_idf"):
        found.append(case("TextVectorization", TEXTS, TEXTS, output_mode=mode))
        found.append(case("TextVectorization", TEXTS, TEXTS, output_mode=mode, max_tokens=12))
    for extra in (
        {"standardize": None},
        {"standardize": "lower"},
        {"standardize": "strip_punctuation"},
        {"split": "character"},
        {"ngrams": 2},
        {"ngrams": [1, 3]},
        {"output_sequence_length": 3},
        {"output_sequence_length": 30},
        {"split": "character", "ngrams": [2], "output_mode": "count"},
    ):
        found.append(case("TextVectorization", TEXTS, TEXTS, **extra))
        found.append(case("TextVectorization", [[t] for t in TEXTS], TEXTS, **extra))
    given = {"vocabulary": ["the", "fox"], "idf_weights": [0.5, 2.0], "output_mode": "tf_idf"}
    found.append(case("TextVectorization", TEXTS, **given))
    tokens = {"split": None, "standardize": "lower", "ngrams": [2], "output_sequence_length": 4}
    found.append(case("TextVectorization", rows, rows, **tokens))
    return found


def arguments_of(item: dict) -> dict:
    """The constructor's arguments; JSON has no tuples."""
    made = dict(item["arguments"])
    if isinstance(made.get("ngrams"), list):
        made["ngrams"] = tuple(made["ngrams"])
    return made


def record() -> None:
    import keras

    for item in (facts := cases()):
        layer = getattr(keras.layers, item["layer"])(**arguments_of(item))
        if item["adapt"] is not None:
            layer.adapt(item["adapt"])
        inputs = item["inputs"]
        if item["layer"] == "HashedCrossing":
            inputs = [np.array(column) for column in inputs]
        item["outputs"] = np.asarray(layer(inputs)).tolist()
        if hasattr(layer, "get_vocabulary"):
            item["vocabulary"] = [
                word if isinstance(word, str) else int(word) for word in layer.get_vocabulary()
            ]
    lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in facts)
    RECORD.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    record()
