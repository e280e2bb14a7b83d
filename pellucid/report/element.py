"""Elements of HTML and SVG. Text goes in as text, so that no name can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element, tostring

Child = Any  # an Element, text, a number, None, or an iterable of those

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def el(tag: str, *children: Child, **attributes: Any) -> Element:
    """An element; attributes of None or False are left out, ``class_`` is ``class``.

    >>> to_html(el("p", "a < b & ", el("b", 3), class_="note", title=None))
    '<p class="note">a &lt; b &amp; <b>3</b></p>'
    """
    element = Element(tag)
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        written = name.rstrip("_").replace("_", "-")
        element.set(written, written if value is True else _text(value))
    add(element, children)
    return element


def add(element: Element, children: Iterable[Child]) -> Element:
    """Append children at the end of an element."""
    for child in children:
        if child is None:
            continue
        if isinstance(child, Element):
            element.append(child)
        elif isinstance(child, (list, tuple)):
            add(element, child)
        else:
            _append_text(element, _text(child))
    return element


def _append_text(element: Element, text: str) -> None:
    if len(element):
        last = element[-1]
        last.tail = (last.tail or "") + text
    else:
        element.text = (element.text or "") + text


def _text(value: Any) -> str:
    """Numbers of drawings to a tenth; characters that no document may hold are replaced."""
    if isinstance(value, float):
        return f"{round(value, 1) + 0.0:g}" if abs(value) < 1e5 else f"{value:.0f}"
    return clean(str(value))


def clean(text: str) -> str:
    """`text` without control characters and halves of characters.

    >>> clean("a\\x00b")
    'a\ufffdb'
    """
    return _CONTROLS.sub("\ufffd", text)


def to_html(element: Element) -> str:
    """As HTML text."""
    return tostring(element, encoding="unicode", method="html")


def to_xml(element: Element) -> str:
    """As XML text, for an SVG file."""
    return tostring(element, encoding="unicode", method="xml")
