"""Does the doctor find what is wrong, and stay silent elsewhere? `python -m benchmarks.doctor`.

`data.py` has the small data sets, `networks.py` the networks, `healthy.py` and `faults.py` the
programs, `training.py` runs one, `judge.py` compares what the doctor said with what is true.
`published.py` runs the programs of published studies, `neutral.py` and `neutral_data.py` build them
from their descriptions. `page.py` writes docs/benchmarks/doctor.md.
"""
