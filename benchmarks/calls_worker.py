"""One library's small calls, measured in this process: `python -m benchmarks.calls_worker LIBRARY`.

Prints one JSON object: `network/rows/call` -> median milliseconds of a warm call.
"""

from __future__ import annotations

import importlib
import io
import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

SHAPES = {
    "dense": (8,),
    "dense20": (32,),
    "cnn": (16, 16, 3),
    "lstm": (20, 8),
    "transformer": (16, 32),
}
SECONDS = 0.4
"""How long one call is repeated; at least `LEAST` times."""
LEAST = 15


def milliseconds(call: Callable[[], Any]) -> float:
    """The median of a warm call."""
    for _ in range(3):
        call()
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(times) < LEAST or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def data(network: str, rows: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(rows, *SHAPES[network])).astype("float32")
    return x, generator.normal(size=(rows, 1)).astype("float32")


# --- Keras's words: Pellucid and Keras itself


def keras_model(keras: Any, network: str) -> Any:
    layers = keras.layers
    x = inputs = keras.Input(SHAPES[network])
    if network == "dense":
        x = layers.Dense(32, activation="relu")(x)
        x = layers.Dense(32, activation="relu")(x)
    elif network == "dense20":
        for _ in range(19):
            x = layers.Dense(32, activation="relu")(x)
    elif network == "cnn":
        x = layers.Conv2D(8, 3, activation="relu")(x)
        x = layers.MaxPooling2D()(x)
        x = layers.Conv2D(16, 3, activation="relu")(x)
        x = layers.GlobalAveragePooling2D()(x)
    elif network == "lstm":
        x = layers.LSTM(32)(x)
    else:
        for _ in range(2):
            x = layers.LayerNormalization()(x + layers.MultiHeadAttention(4, 8)(x, x))
            hidden = layers.Dense(64, activation="relu")(x)
            x = layers.LayerNormalization()(x + layers.Dense(32)(hidden))
        x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(1)(x))


def keras_calls(library: str, networks: list[str]) -> dict[str, float]:
    keras = importlib.import_module("keras" if library == "keras-jax" else library)
    figures: dict[str, float] = {}
    for network in networks:
        model = keras_model(keras, network)
        model.compile("adam", "mse")
        for rows in (1, 32):
            for name, call in calls_of(model, *data(network, rows)).items():
                figures[f"{network}/{rows}/{name}"] = milliseconds(call)
    if library == "pellucid" and "dense" in networks:
        figures["own_python"] = own_python(keras)
    return figures


def calls_of(model: Any, x: np.ndarray, y: np.ndarray) -> dict[str, Callable[[], Any]]:
    two, targets = np.concatenate([x, x]), np.concatenate([y, y])
    return {
        "predict": lambda: model.predict(x, verbose=0),
        "predict_on_batch": lambda: model.predict_on_batch(x),
        "model(x)": lambda: np.asarray(model(x)),
        "train_on_batch": lambda: model.train_on_batch(x, y),
        "evaluate": lambda: model.evaluate(x, y, verbose=0),
        "fit": lambda: model.fit(two, targets, batch_size=len(x), verbose=0),
    }


def own_python(pellucid: Any) -> float:
    """Milliseconds of `predict` on one row beyond those of its compiled program."""
    model = keras_model(pellucid, "dense")
    x, _ = data("dense", 1)
    whole = milliseconds(lambda: model.predict(x, verbose=0))
    session = model.session
    run = session.compiled("predict", batch_size=1)
    variables, one = session.variables(), np.int32(1)
    return whole - milliseconds(lambda: np.asarray(run(variables, {}, x, one)[0]))


# --- PyTorch, and onnxruntime with what PyTorch exports


def torch_model(network: str) -> Any:
    import torch
    from torch import nn

    class Last(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(8, 32, batch_first=True)

        def forward(self, x: Any) -> Any:
            return self.lstm(x)[0][:, -1]

    class Middle(nn.Module):
        def forward(self, x: Any) -> Any:
            return torch.mean(x, dim=1)

    def dense(*widths: int) -> list[Any]:
        return [
            part for a, b in itertools.pairwise(widths) for part in (nn.Linear(a, b), nn.ReLU())
        ]

    encoder = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
    parts = {
        "dense": lambda: [*dense(8, 32, 32), nn.Linear(32, 1)],
        "dense20": lambda: [*dense(*[32] * 20), nn.Linear(32, 1)],
        "cnn": lambda: [
            *(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.ReLU()),
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 1)),
        ],
        "lstm": lambda: [Last(), nn.Linear(32, 1)],
        "transformer": lambda: [nn.TransformerEncoder(encoder, 2), Middle(), nn.Linear(32, 1)],
    }
    return nn.Sequential(*parts[network]())


def torch_data(network: str, rows: int) -> tuple[Any, Any]:
    import torch

    x, y = data(network, rows)
    if network == "cnn":
        x = np.ascontiguousarray(np.moveaxis(x, -1, 1))
    return torch.from_numpy(x), torch.from_numpy(y)


def torch_calls(networks: list[str]) -> dict[str, float]:
    import torch

    figures: dict[str, float] = {}
    for network in networks:
        model = torch_model(network)
        optimizer = torch.optim.Adam(model.parameters())

        def predict(x: Any, model: Any = model) -> Any:
            model.eval()
            with torch.no_grad():
                return model(x).numpy()

        def train(x: Any, y: Any, model: Any = model, optimizer: Any = optimizer) -> float:
            model.train()
            loss = torch.nn.functional.mse_loss(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss.item()

        def evaluate(x: Any, y: Any, model: Any = model) -> float:
            model.eval()
            with torch.no_grad():
                return torch.nn.functional.mse_loss(model(x), y).item()

        for rows in (1, 32):
            x, y = torch_data(network, rows)
            calls: dict[str, Callable[[], Any]] = {
                "predict": lambda x=x: predict(x),
                "predict_on_batch": lambda x=x: predict(x),
                "model(x)": lambda x=x: predict(x),
                "train_on_batch": lambda x=x, y=y: train(x, y),
                "evaluate": lambda x=x, y=y: evaluate(x, y),
                "fit": lambda x=x, y=y: (train(x, y), train(x, y)),
            }
            for name, call in calls.items():
                figures[f"{network}/{rows}/{name}"] = milliseconds(call)
    return figures


def onnx_calls(networks: list[str]) -> dict[str, float]:
    import onnxruntime
    import torch

    figures: dict[str, float] = {}
    for network in networks:
        for rows in (1, 32):
            x, _ = torch_data(network, rows)
            file = io.BytesIO()
            model = torch_model(network).eval()
            torch.onnx.export(model, (x,), file, input_names=["x"], dynamo=False)
            run = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
            given = {"x": x.numpy()}
            call = milliseconds(lambda run=run, given=given: run.run(None, given))
            figures[f"{network}/{rows}/predict"] = call
    return figures


def main(library: str, networks: list[str]) -> None:
    if library == "torch":
        figures = torch_calls(networks)
    elif library == "onnxruntime":
        figures = onnx_calls(networks)
    else:
        figures = keras_calls(library, networks)
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
