"""Messages of the library in the words of the command line: arguments become options."""

from __future__ import annotations

import re
import shlex
from functools import cache

from ..tasks.setting import settings_of
from ..tasks.settings import NetworkSettings, TrainSettings
from .options import option_name

_VALUE = r"""(\([^()]*\)|'[^']*'|"[^"]*"|-?[\w+-]+(?:\.\d+)?(?:e[+-]?\d+)?)"""


@cache
def _names() -> tuple[str, ...]:
    return (*settings_of(NetworkSettings), *settings_of(TrainSettings), "source", "force", "out")


@cache
def _pattern() -> re.Pattern[str]:
    names = "|".join(_names())
    return re.compile(rf"(?<![\w.`])(?:({names})={_VALUE}|`({names})`)")


def in_options(text: str) -> str:
    """A sentence of the library with its arguments as options; code in parentheses stays code.

    >>> in_options("pass batch_size=32, say."), in_options("start with layers=(128, 64).")
    ('pass --batch-size 32, say.', 'start with --layers 128,64.')
    >>> in_options("`seed` is out of range."), in_options("compile(loss='mse').")
    ('--seed is out of range.', "compile(loss='mse').")
    """

    def replaced(match: re.Match[str]) -> str:
        before = text[: match.start()]
        if before.count("(") > before.count(")"):
            return match[0]
        if match[3]:
            return option_name(match[3])
        return _with_value(option_name(match[1]), match[2])

    return _pattern().sub(replaced, text)


def _with_value(option: str, value: str) -> str:
    if value == "True":
        return option
    if option == "--source":
        return f"pellucid train {shlex.quote(value[1:-1])}"
    if value.startswith("("):
        value = ",".join(part.strip() for part in value[1:-1].split(",") if part.strip()) or "none"
    elif value[0] in "'\"":
        value = shlex.quote(value[1:-1])
    return f"{option} {value}"
