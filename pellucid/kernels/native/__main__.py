"""`python -m pellucid.kernels.native`: compile the kernels in C++, into this folder."""

import sys

from .build import BuildError, build

try:
    print(build())
except BuildError as error:
    sys.exit(f"not compiled: {error}")
