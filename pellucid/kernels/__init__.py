"""The hot operations under the layers.

Each file holds the plain form, which says what is computed and serves as the tests' oracle, and
the fast form with a hand-written gradient, which the layers call. A fast form is here because it
measured better inside the device loop that training runs in, not alone.
"""
