"""`python -m pellucid`, the same as `pellucid`."""

from .cli import main

main()
