"""Praise or blame? A Transformer, or an LSTM, reads sentences about films.

python transformer_text.py FOLDER [--network lstm] [--seed 1]

FOLDER holds train.tsv, dev.tsv and test.tsv, with a sentence, a tab, and 1 (praise) or 0 (blame) on
each line: the Stanford Sentiment Treebank, for example.
"""

import argparse
from pathlib import Path

import numpy as np

from pellucid import Sequential
from pellucid.callbacks import EarlyStopping
from pellucid.layers import (
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    GlobalAveragePooling1D,
    Input,
    TextVectorization,
    TokenAndPositionEmbedding,
    TransformerEncoder,
)
from pellucid.optimizers import Adam
from pellucid.utils import set_random_seed

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("--network", choices=["transformer", "lstm"], default="transformer")
parser.add_argument("--seed", type=int, default=1)
arguments = parser.parse_args()
set_random_seed(arguments.seed)


def load(name):
    lines = (arguments.folder / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    sentences, labels = zip(*(line.split("\t") for line in lines), strict=True)
    return np.array(sentences), np.array(labels, dtype="float32")[:, None]


(x_train, y_train), (x_dev, y_dev), (x_test, y_test) = map(load, ["train", "dev", "test"])
words, length = 10_000, 56
to_numbers = TextVectorization(max_tokens=words, output_sequence_length=length)
to_numbers.adapt(x_train)  # the vocabulary; words that are not in it share one number

if arguments.network == "transformer":
    network = [
        TokenAndPositionEmbedding(words, length, 64, mask_zero=True),  # 0 fills short sentences
        Dropout(0.6),
        TransformerEncoder(intermediate_dim=64, num_heads=4, dropout=0.1),
        GlobalAveragePooling1D(),
    ]
else:
    network = [Embedding(words, 64, mask_zero=True), Dropout(0.6), Bidirectional(LSTM(32))]
model = Sequential(
    [Input((1,), dtype="string"), to_numbers, *network, Dropout(0.5), Dense(1, "sigmoid")]
)
model.summary()
model.compile(optimizer=Adam(2e-3), loss="binary_crossentropy", metrics=["accuracy"])
best = EarlyStopping(monitor="val_accuracy", patience=2, restore_best_weights=True)
model.fit(x_train, y_train, epochs=8, validation_data=(x_dev, y_dev), callbacks=[best])

accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
print(f"accuracy on {len(x_test)} sentences that it has not seen: {accuracy:.1%}")
for sentence in ["a warm , clever and moving film", "two hours of my life that i want back"]:
    praise = model.predict(np.array([sentence]), verbose=0)[0, 0]
    print(f"{praise:4.0%} praise: {sentence}")
