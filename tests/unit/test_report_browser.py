"""The report in a real browser: Chromium without a window and without a network."""

from __future__ import annotations

import io
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image
from test_report import full

from pellucid.report import write

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="chromium is not installed"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("browser")
    write(full(), place / "run.html")
    return place


def browse(place, *options: str) -> subprocess.CompletedProcess[str]:
    """Open the page; every name resolves to nothing, and requests are logged."""
    return subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND",
            "--enable-logging=stderr", f"--user-data-dir={place / 'profile'}", *options,
            (place / "run.html").as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip


@pytest.mark.parametrize("width", [400, 1200])
def test_it_opens_without_a_word_in_the_console(place, width):
    picture = place / f"{width}.png"
    seen = browse(place, f"--window-size={width},1600", f"--screenshot={picture}")
    console = [line for line in seen.stderr.splitlines() if "CONSOLE" in line]
    assert console == []
    pixels = np.asarray(Image.open(io.BytesIO(picture.read_bytes())).convert("RGB"))
    assert pixels.shape == (1600, width, 3)
    # Text and lines in several colours, and nothing behind the right edge of a narrow screen.
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 100
    edge = pixels[:, -4:].reshape(-1, 3)
    assert (edge == edge[0]).all(), "something is wider than the page"
