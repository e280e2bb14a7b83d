"""Every finding has a page, the pages are listed, and their code can be pasted."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from pellucid.doctor import load_rules

PAGES = Path(__file__).parents[2] / "docs" / "doctor"
INDEX = (PAGES / "index.md").read_text()
BEFORE = ("static", "data", "initial")
RULES = load_rules()


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_finding_has_a_page_that_is_listed(name):
    text = (PAGES / f"{name}.md").read_text()
    assert text.startswith("# ")
    for heading in ("## What it looks like", "## Why it happens", "## How to fix it"):
        assert heading in text
    assert f"| [`{name}`]({name}.md) |" in INDEX


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.stage in BEFORE])
def test_the_fix_is_code_to_paste(name):
    code = re.findall(r"^```python\n(.*?)^```", (PAGES / f"{name}.md").read_text(), re.S | re.M)
    assert code
    for block in code:
        compile(textwrap.dedent(block), name, "exec")


def test_the_index_says_what_the_rules_say():
    listed = dict(re.findall(r"^\| \[`([a-z-]+)`\]\(.*?\) \| (.*) \|$", INDEX, re.M))
    rules = {name: rule.about for name, rule in RULES.items() if rule.stage in BEFORE}
    assert {name: listed.get(name) for name in rules} == rules
