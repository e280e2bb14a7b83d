"""The command line: `pellucid train`, `evaluate`, `predict`, `summary`, `report` and `doctor`."""

from __future__ import annotations


def main() -> None:
    """The `pellucid` command."""
    import sys

    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show must not end the program.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from .app import app

    app()


__all__ = ["main"]
