"""Recurrence."""

from dataclasses import dataclass
from typing import Any

from contract.cases.specs import L2, NOISY, Case, Floats, nested, of


@dataclass(frozen=True)
class CellCase(Case):
    """A cell: called on one step's input and the list of its states."""

    def positional(self, x: Any) -> tuple[Any, ...]:
        return x[0], list(x[1:])


def cell(name: str, states: int, random: bool = False, **arguments: Any) -> CellCase:
    """A cell with two units on three features."""
    inputs = (Floats((3,)), *[Floats((2,))] * states)
    return CellCase(name, inputs, {"units": 2, **arguments}, random=random)


WEIGHTS = {"kernel_initializer": NOISY, "bias_initializer": NOISY}
LSTM_CELL = nested("LSTMCell", units=2)
GRU_CELL = nested("GRUCell", units=3)

# Five steps instead of four where Keras's mask is not ours: its comparison is left out then.
CASES: list = [
    cell("SimpleRNNCell", 1, activation="relu"),
    cell("SimpleRNNCell", 1, use_bias=False),
    cell("SimpleRNNCell", 1, dropout=0.3, recurrent_dropout=0.3, random=True),
    cell("LSTMCell", 2, **WEIGHTS),
    cell("LSTMCell", 2, use_bias=False, recurrent_activation="hard_sigmoid"),
    cell("LSTMCell", 2, dropout=0.3, recurrent_dropout=0.3, random=True),
    cell("GRUCell", 1, **WEIGHTS),
    cell("GRUCell", 1, reset_after=False, activation="elu"),
    cell("GRUCell", 1, reset_after=False, recurrent_dropout=0.3, random=True),
    CellCase(
        "StackedRNNCells",
        (Floats((3,)), Floats((2,)), Floats((3,))),
        {"cells": [nested("SimpleRNNCell", units=2), GRU_CELL]},
    ),
    CellCase(
        "StackedRNNCells",
        (Floats((3,)), Floats((2,))),
        {"cells": [nested("SimpleRNNCell", units=2, activation="relu")]},
    ),
    CellCase(
        "StackedRNNCells",
        (Floats((3,)), Floats((3,)), Floats((3,))),
        {"cells": [GRU_CELL, GRU_CELL]},
    ),
    of("SimpleRNN", (4, 3), units=2, bias_initializer=NOISY),
    of(
        "SimpleRNN",
        (4, 3),
        units=2,
        activation="softsign",
        return_sequences=True,
        return_state=True,
    ),
    of("SimpleRNN", (5, 3), units=2, go_backwards=True, return_sequences=True, use_bias=False),
    of("LSTM", (4, 3), units=2, **WEIGHTS),
    of("LSTM", (4, 3), units=2, return_sequences=True, return_state=True, kernel_regularizer=L2),
    of("LSTM", (5, 3), units=2, go_backwards=True, return_sequences=True, unit_forget_bias=False),
    of("LSTM", (4, 3), units=2, activation="softsign", recurrent_activation="hard_sigmoid"),
    of("LSTM", (4, 3), units=2, unroll=True, go_backwards=True),
    of("LSTM", (4, 3), units=2, dropout=0.3, recurrent_dropout=0.3, random=True),
    of("GRU", (4, 3), units=2, **WEIGHTS),
    of("GRU", (4, 3), units=2, reset_after=False, return_sequences=True, bias_initializer=NOISY),
    of("GRU", (4, 3), units=2, activation="elu", use_bias=False, return_state=True),
    of("GRU", (4, 3), units=2, reset_after=False, activation="elu", go_backwards=True),
    of("GRU", (4, 3), units=2, dropout=0.3, random=True),
    of("RNN", (4, 3), cell=LSTM_CELL, return_state=True),
    of("RNN", (4, 3), cell=nested("StackedRNNCells", cells=[LSTM_CELL, GRU_CELL])),
    of("RNN", (4, 3), cell=GRU_CELL, return_sequences=True),
    of("ConvLSTM1D", (3, 4, 2), filters=2, kernel_size=3, padding="same", bias_initializer=NOISY),
    of("ConvLSTM1D", (3, 2, 5), filters=2, kernel_size=2, data_format="channels_first", strides=2),
    of(
        "ConvLSTM1D",
        (3, 4, 2),
        filters=2,
        kernel_size=2,
        dropout=0.3,
        recurrent_dropout=0.3,
        random=True,
    ),
    of("ConvLSTM2D", (2, 3, 4, 2), filters=2, kernel_size=[2, 3], return_sequences=True),
    of(
        "ConvLSTM2D",
        (2, 2, 4, 3),
        filters=2,
        kernel_size=2,
        data_format="channels_first",
        go_backwards=True,
        return_state=True,
        use_bias=False,
    ),
    of("ConvLSTM2D", (2, 4, 4, 1), filters=2, kernel_size=2, dilation_rate=2, padding="same"),
    of("ConvLSTM3D", (2, 2, 3, 2, 1), filters=1, kernel_size=2, padding="same"),
    of("ConvLSTM3D", (2, 2, 2, 2, 1), filters=1, kernel_size=1, return_sequences=True),
    of("ConvLSTM3D", (2, 1, 3, 2, 2), filters=1, kernel_size=2, data_format="channels_first"),
    of("Bidirectional", (4, 3), layer=nested("LSTM", units=2)),
    of("Bidirectional", (4, 3), layer=nested("GRU", units=2, return_sequences=True)),
    of("Bidirectional", (4, 3), layer=nested("LSTM", units=2, return_state=True), merge_mode="sum"),
    of(
        "Bidirectional",
        (4, 3),
        layer=nested("SimpleRNN", units=2, return_sequences=True, return_state=True),
        merge_mode=None,
    ),
    of(
        "Bidirectional",
        (4, 3),
        layer=nested("GRU", units=2),
        merge_mode="mul",
        backward_layer=nested("LSTM", units=2, go_backwards=True),
    ),
    of("TimeDistributed", (4, 3), layer=nested("Dense", units=2, activation="tanh")),
    of("TimeDistributed", (4, 3), layer=nested("BatchNormalization")),
    of("TimeDistributed", (4, 3, 2), layer=nested("LSTM", units=2, return_sequences=True)),
    of("TimeDistributed", (4, 3), layer=nested("Dropout", rate=0.5), random=True),
]
