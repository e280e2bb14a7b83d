"""Numbers and names as a reader wants them."""

from __future__ import annotations

import math
from typing import Any


def short(value: Any, digits: int = 3) -> str:
    """A number in little room.

    >>> short(0.00012345), short(1234567), short(0.5), short(12000), short(float("nan"))
    ('0.000123', '1.23M', '0.5', '12k', 'not a number')
    """
    number = float(value)
    if math.isnan(number):
        return "not a number"
    if math.isinf(number):
        return "infinite" if number > 0 else "-infinite"
    size = abs(number)
    for limit, factor, sign in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if limit <= size < 1e12:
            return f"{number / factor:.{digits}g}{sign}"
    if size and (size < 1e-4 or size >= 1e12):
        mantissa, exponent = f"{number:.{digits - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}e{int(exponent)}"
    if size >= 1000:
        return f"{number:,.0f}"
    return f"{number:.{digits}g}"


ACRONYMS = {
    "acc": "accuracy", "auc": "AUC", "iou": "IoU", "kld": "KL divergence", "lr": "learning rate",
    "mae": "MAE", "mape": "MAPE", "mse": "MSE", "msle": "MSLE", "r2": "R²", "rmse": "RMSE",
    "mean_absolute_error": "MAE", "mean_squared_error": "MSE", "r2_score": "R²",
    "root_mean_squared_error": "RMSE", "f1_score": "F1 score",
}  # fmt: skip


def metric_name(name: str) -> str:
    """What the field calls a metric.

    >>> metric_name("mae"), metric_name("val_auc"), metric_name("top_5_accuracy")
    ('MAE', 'val AUC', 'top 5 accuracy')
    """
    if name in ACRONYMS:
        return ACRONYMS[name]
    return " ".join(ACRONYMS.get(part, part) for part in name.split("_"))


def percent(share: Any) -> str:
    """A share of one.

    >>> percent(0.123), percent(0.0004), percent(1.0)
    ('12 %', '0.04 %', '100 %')
    """
    value = 100 * float(share)
    return f"{value:.0f} %" if value >= 9.95 or value == 0 else f"{value:.2g} %"


def cut(text: Any, length: int) -> str:
    """At most `length` characters; the beginning and the end are kept.

    >>> cut("block_1/convolution/kernel", 15)
    'block_1…/kernel'
    """
    text = " ".join(str(text).split())
    if len(text) <= length:
        return text
    head = (length - 1) // 2
    return f"{text[:head]}…{text[len(text) - (length - 1 - head) :]}"


def shape_text(shape: Any) -> str:
    """Of one sample: ``28 x 28 x 1``.

    >>> shape_text([None, 28, 28, 1]), shape_text([None]), shape_text(None)
    ('28 × 28 × 1', 'one number', '')
    """
    if shape is None:
        return ""
    sizes = ["?" if size is None else str(size) for size in list(shape)[1:]]
    return " × ".join(sizes) if sizes else "one number"


def count(number: int, one: str, many: str = "") -> str:
    """
    >>> count(1, "layer"), count(2000, "layer")
    ('1 layer', '2,000 layers')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
