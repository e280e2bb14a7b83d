"""What is known of one training, as plain data: a schema and the files it lies in.

Low in the house: NumPy only, so that the doctor and the report read a run from disk as they read
one that has just ended. What fills a record stands in `vitals`.
"""

from .schema import RunRecord

__all__ = ["RunRecord"]
