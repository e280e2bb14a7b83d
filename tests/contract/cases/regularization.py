"""Regularisation: noise and dropout."""

from contract.cases.specs import of

CASES: list = [
    of("Dropout", (5,), rate=0.5, random=True),
    of("Dropout", (5,), rate=0.0),
    of("Dropout", (5,), rate=1.0),
    of("Dropout", (4, 5), rate=0.3, noise_shape=[None, 1, None], seed=3, random=True),
    of("SpatialDropout1D", (4, 5), rate=0.3, random=True),
    of("GaussianNoise", (5,), stddev=0.1, random=True),
    of("GaussianDropout", (5,), rate=0.2, random=True),
]
