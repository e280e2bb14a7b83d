"""The Chinese pages say what the English ones say: the same parts, code, pictures and links."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAIRS = {
    "README.md": "README.zh.md",
    "docs/guide/first-network.md": "docs/zh/first-network.md",
}
FENCE = re.compile(r"^```.*?^```", flags=re.DOTALL | re.MULTILINE)


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def headings(page: str) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", FENCE.sub("", read(page)), re.MULTILINE)]


def code(page: str) -> list[str]:
    """The fenced blocks; comments are in the page's own language."""
    return [re.sub(r"\s*# .*", "", block) for block in FENCE.findall(read(page))]


def code_in_text(page: str) -> set[str]:
    return set(re.findall(r"`[^`\n]+`", FENCE.sub("", read(page))))


def targets(page: str, mark: str) -> list[str]:
    """Where pictures (mark "!") or links lead, from the root."""
    found = re.findall(rf"(?<![!])({mark})\[[^\]]*\]\(([^)]+)\)", FENCE.sub("", read(page)))
    places = [os.path.normpath(os.path.join(os.path.dirname(page), place)) for _, place in found]
    return [place for place in places if place not in [*PAIRS, *PAIRS.values()]]


@pytest.mark.parametrize(("english", "chinese"), PAIRS.items(), ids=["readme", "first-network"])
class TestPair:
    def test_each_leads_to_the_other_at_its_top(self, english, chinese):
        for page, other in ((english, chinese), (chinese, english)):
            link = os.path.relpath(other, os.path.dirname(page) or ".")
            assert f"({link})" in read(page).split("\n\n")[1]

    def test_parts_are_the_same(self, english, chinese):
        assert headings(chinese) == headings(english)

    def test_code_and_commands_are_the_same(self, english, chinese):
        assert code(chinese) == code(english)
        assert code_in_text(chinese) == code_in_text(english)

    def test_pictures_and_links_are_the_same(self, english, chinese):
        assert targets(chinese, "!") == targets(english, "!")
        assert targets(chinese, "") == targets(english, "")

    def test_figures_are_the_same(self, english, chinese):
        def figures(page: str) -> list[str]:
            text = re.sub(r"`[^`]*`|\]\([^)]*\)", "", FENCE.sub("", read(page)))
            return sorted(re.findall(r"\d+(?:\.\d+)+", text))

        assert figures(chinese) == figures(english)
