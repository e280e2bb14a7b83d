"""What the operations of a compiled program are, read from XLA's dump of it as text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

KINDS = (
    "matrix products",
    "convolutions",
    "reductions",
    "element-wise",
    "random numbers",
    "look-ups",
    "moving data",
    "sorting",
    "loops",
    "other",
)
_INSTRUCTION = re.compile(r"^\s*(?:ROOT )?%?([\w.\-]+) = (\([^=]*?\)|\S+) ([a-z][\w\-]*)\((.*)$")
_COMPUTATION = re.compile(r"^(?:ENTRY )?%?([\w.\-]+) \(.*\{\s*$")
_CALLS = re.compile(r"(?:calls|to_apply)=%?([\w.\-]+)")
_ORIGIN = re.compile(r'op_name="([^"]*)"')
_TARGET = re.compile(r'custom_call_target="([^"]*)"')

_MOVING = {
    "parameter", "constant", "copy", "transpose", "reshape", "bitcast", "broadcast", "slice", "pad",
    "concatenate", "reverse", "dynamic-slice", "dynamic-update-slice", "tuple", "get-tuple-element",
    "convert", "iota", "copy-start", "copy-done", "bitcast-convert",
}  # fmt: skip
_WRAPPERS = {"fusion", "call", "map"}
_LOOPS = {"while", "conditional", "call", "async-start", "async-done"}


def kind_of(opcodes: set[str], target: str = "") -> str:
    """What an operation mostly is, from the opcodes inside it.

    >>> kind_of({"dot", "add"}), kind_of({"multiply", "reduce"}), kind_of({"transpose", "copy"})
    ('matrix products', 'reductions', 'moving data')
    """
    target = target.lower()
    if "conv" in target or "convolution" in opcodes:
        return "convolutions"
    if "dot" in opcodes or any(word in target for word in ("gemm", "matmul", "dot", "fmha")):
        return "matrix products"
    if opcodes & {"sort", "topk"} or "topk" in target:
        return "sorting"
    if opcodes & {"gather", "scatter"}:
        return "look-ups"
    if opcodes & {"rng", "rng-bit-generator"} or {"xor", "shift-right-logical"} <= opcodes:
        return "random numbers"
    if opcodes & {"reduce", "reduce-window", "select-and-scatter"}:
        return "reductions"
    if opcodes <= _MOVING:
        return "moving data"
    if opcodes & _LOOPS:
        return "loops"
    return "other" if opcodes == {"custom-call"} else "element-wise"


@dataclass(frozen=True)
class Operation:
    """What is known of one operation.

    Args:
        kind: one of KINDS.
        result: type and shape of what it computes, ``f32[2048,512]``.
        origin: the part of the program it came from, as JAX names it.
    """

    kind: str = "other"
    result: str = ""
    origin: str = ""


def read_program(text: str) -> dict[str, Operation]:
    """The operations of a compiled program, outside fusions."""
    bodies: dict[str, list[tuple[str, str, str, str]]] = {}
    body: list[tuple[str, str, str, str]] = []
    for line in text.splitlines():
        if head := _COMPUTATION.match(line):
            body = bodies.setdefault(head[1], [])
        elif found := _INSTRUCTION.match(line):
            body.append((found[1], found[2], found[3], found[4]))

    def inside(computation: str) -> set[str]:
        found: set[str] = set()
        for _, _, opcode, rest in bodies.get(computation, []):
            called = _CALLS.search(rest) if opcode in _WRAPPERS else None
            found |= inside(called[1]) if called else {opcode}
        return found

    known = {}
    for instructions in bodies.values():
        for name, result, opcode, rest in instructions:
            # a `call` of one fusion is how XLA splits work over the cores
            called = _CALLS.search(rest) if opcode in _WRAPPERS else None
            target, origin = _TARGET.search(rest), _ORIGIN.search(rest)
            opcodes = inside(called[1]) if called else {opcode}
            kind = kind_of(opcodes, target[1] if target else "")
            shape = "several" if result.startswith("(") else result.split("{")[0]
            known[name] = Operation(kind, shape, origin[1] if origin else "")
    return known


def describe(folder: Path) -> dict[tuple[str, str], Operation]:
    """(module, operation) -> what it is, for every compiled program dumped in `folder`."""
    known = {}
    for path in sorted(folder.glob("*after_optimizations.txt")):
        text = path.read_text(encoding="utf-8", errors="replace")
        module = re.match(r"HloModule ([\w.\-]+)", text)
        for name, found in read_program(text).items():
            known[module[1] if module else "", name] = found
    return known
