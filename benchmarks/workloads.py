"""What is trained: five workloads with bars of their own, and five that were held out.

The held-out ones were chosen before anything about them was measured, and nothing in Pellucid was
tuned to them. Only the standard library: this module is also imported in the measured processes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks import flops


@dataclass(frozen=True)
class Workload:
    """One network, its data, and how much of it is measured.

    Args:
        title: as in the tables.
        data: the arrays in `benchmarks.data` and how they are made.
        batch: samples a step.
        steps: steps an epoch.
        parameters: trainable numbers; every library must have exactly as many.
        flops: matrix-product work of one step, from the batch size and the program's sizes.
        bar: the fastest peer's time over Pellucid's, at least; None for held-out workloads.
        bars: further bars against single peers.
        whole: an epoch is as long as in real use, so that what happens once an epoch (Pellucid's
            checkup) belongs into the step time; elsewhere epochs are cut short to save time.
        epochs: how many are trained; all but the first are measured.
        slow_epochs: the same for the peers that take several times as long.
        tiny: sizes (arguments of the program's `build_model`) for a look that takes no time.
        data_sizes: which of those sizes the data's maker wants, too.
        program: whose `build_model` it is, where that is not the workload's own name.
        sizes: what `build_model` is given at full size.
        half: products in bfloat16, weights in float32.
    """

    title: str
    data: str
    batch: int
    steps: int
    parameters: int
    flops: Callable[..., float]
    bar: float | None = None
    bars: Mapping[str, float] = field(default_factory=dict)
    whole: bool = False
    epochs: int = 4
    slow_epochs: int = 3
    tiny: Mapping[str, Any] = field(default_factory=dict)
    data_sizes: tuple[str, ...] = ()
    program: str | None = None
    sizes: Mapping[str, Any] = field(default_factory=dict)
    half: bool = False

    @property
    def held_out(self) -> bool:
        return self.bar is None

    @property
    def samples(self) -> int:
        return self.batch * self.steps


WORKLOADS = {
    "mnist_mlp": Workload(
        "MLP 784-512-512-10, batch 128", "mnist_flat", 128, 468, 670_730, flops.mlp, bar=1.5,
        whole=True, epochs=3,
    ),
    "table_mlp": Workload(
        "table MLP 20-64-32-2, batch 32", "table", 32, 625, 3_490,
        lambda batch: flops.mlp(batch, 20, (64, 32), 2), bar=5.0, bars={"torch": 10.0},
        whole=True, epochs=6,
    ),
    "cnn": Workload(
        "CNN 32-64-128, batch 128", "mnist", 128, 24, 225_034, flops.cnn, bar=1.0,
        tiny={"filters": (4, 8), "units": 8},
    ),
    "lstm": Workload(
        "LSTM 128, 50 steps of 32, batch 64", "series", 64, 32, 83_722, flops.lstm, bar=1.0,
        tiny={"steps": 6, "features": 4, "units": 8}, data_sizes=("steps", "features"),
    ),
    "gpt": Workload(
        "GPT 4 blocks, width 128, 128 bytes, batch 16", "bytes", 16, 10, 875_264, flops.gpt,
        bar=1.05, tiny={"length": 16, "width": 16, "heads": 2, "blocks": 1}, data_sizes=("length",),
    ),
    "resnet20": Workload(
        "ResNet-20, 32x32x3, batch 64", "pictures", 64, 5, 273_066, flops.resnet,
        tiny={"size": 16, "filters": 4, "blocks": 1}, data_sizes=("size",),
    ),
    "masked_gru": Workload(
        "GRU 64 with masks, to 60 words, batch 64", "sentences", 64, 32, 345_025, flops.masked_gru,
        tiny={"length": 8, "width": 8, "units": 8}, data_sizes=("length",),
    ),
    "unet": Workload(
        "U-Net 16-32-64-128, 96x96x3, batch 8", "shapes", 8, 5, 482_033, flops.unet,
        tiny={"size": 16, "filters": 8}, data_sizes=("size",),
    ),
    "autoencoder": Workload(
        "autoencoder 784-128-64-32-64-128-784, batch 256", "mnist_points", 256, 100, 222_384,
        flops.autoencoder, tiny={"units": (8, 4, 8)},
    ),
    "bert": Workload(
        "BERT-like, 3 blocks, width 128, to 64 words, batch 32", "sentences_64", 32, 10, 1_243_393,
        flops.bert, tiny={"length": 8, "width": 16, "heads": 2, "blocks": 1},
        data_sizes=("length",),
    ),
}  # fmt: skip
TUNED = [name for name, workload in WORKLOADS.items() if not workload.held_out]
HELD_OUT = [name for name, workload in WORKLOADS.items() if workload.held_out]

_GPT = {"vocabulary": 22_528, "length": 1024, "width": 768, "heads": 12, "blocks": 12}
LARGE = {  # for a GPU alone
    "gpt_120m": Workload(
        "GPT 12 blocks, width 768, 1,024 tokens, batch 16, bfloat16", "tokens", 16, 20, 120_445_440,
        lambda batch: flops.gpt(batch, **_GPT), epochs=4, program="gpt", sizes=_GPT, half=True,
        tiny={"vocabulary": 64, "length": 16, "width": 16, "heads": 2, "blocks": 1},
        data_sizes=("length", "vocabulary"),
    ),
}  # fmt: skip
EVERY = WORKLOADS | LARGE
