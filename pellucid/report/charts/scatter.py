"""Answers against the truth, one point a sample."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np

from ..element import el
from ..thin import spread_out
from . import frame
from .scale import Scale

POINTS = 500


def truth_and_answer(
    truth: np.ndarray, answer: np.ndarray, title: str, height: float = 300.0,
    width: float = frame.WIDTH,
) -> Element:  # fmt: skip
    """Points with the line on which every answer is right.

    Args:
        truth, answer: (samples,); at most 500 are drawn, evenly over the truth, and always those
            furthest off.
        title: read to who cannot see it.
    """
    keep = np.isfinite(truth) & np.isfinite(answer)
    truth, answer = truth[keep], answer[keep]
    if len(truth) > POINTS:
        off = np.argsort(-np.abs(truth - answer), kind="stable")[:50]
        even = np.argsort(truth, kind="stable")[spread_out(len(truth), POINTS - 50)]
        chosen = np.union1d(off, even)
        truth, answer = truth[chosen], answer[chosen]
    both = np.concatenate([truth, answer])
    top, bottom = 8.0, height - 36
    up = Scale.over(both, bottom, top)
    left = frame.margin(up) + 14
    along = Scale.over(both, left, width - 12)
    parts = [*frame.across(along, top, bottom, "truth"), *frame.upright(up, left, width - 12)]
    parts.append(
        el("text", "answer", class_="label", text_anchor="middle",
           transform=f"translate(11 {(top + bottom) / 2:.1f}) rotate(-90)")
    )  # fmt: skip
    ends = [(along(n), up(n)) for n in (up.low, up.high)]
    parts.append(el("path", d=frame.way(ends), class_="mark level"))
    # One path of dots: a round cap on a line of no length.
    d = "".join(f"M{along(a):.1f} {up(b):.1f}h0" for a, b in zip(truth, answer, strict=True))
    parts.append(el("path", d=d, class_="cloud s0"))
    return frame.drawing(width, height, title, parts, class_="scatter")
