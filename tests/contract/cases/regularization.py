"""Regularisation: noise and dropout."""

from contract.cases.specs import of

FIRST = "channels_first"

CASES: list = [
    of("Dropout", (5,), rate=0.5, random=True),
    of("Dropout", (5,), rate=0.0),
    of("Dropout", (5,), rate=1.0),
    of("Dropout", (4, 5), rate=0.3, noise_shape=[None, 1, None], seed=3, random=True),
    of("SpatialDropout1D", (4, 5), rate=0.3, random=True),
    of("SpatialDropout1D", (4, 5), rate=0.0),
    of("SpatialDropout1D", (4, 5), rate=0.5, seed=1, random=True),
    of("SpatialDropout2D", (3, 2, 4), rate=0.3, random=True),
    of("SpatialDropout2D", (4, 3, 2), rate=0.3, data_format=FIRST, seed=2, random=True),
    of("SpatialDropout2D", (3, 2, 4), rate=1.0),
    of("SpatialDropout3D", (2, 3, 2, 4), rate=0.3, random=True),
    of("SpatialDropout3D", (4, 2, 3, 2), rate=0.3, data_format=FIRST, seed=2, random=True),
    of("SpatialDropout3D", (2, 3, 2, 4), rate=0.0),
    of("AlphaDropout", (5,), rate=0.3, random=True),
    of("AlphaDropout", (4, 5), rate=0.3, noise_shape=[None, 1, None], seed=3, random=True),
    of("AlphaDropout", (5,), rate=0.0),
    of("ActivityRegularization", (5,)),
    of("ActivityRegularization", (4, 5), l1=0.1),
    of("ActivityRegularization", (2, 3, 5), l1=0.1, l2=0.2),
    of("GaussianNoise", (5,), stddev=0.1, random=True),
    of("GaussianDropout", (5,), rate=0.2, random=True),
    of("GaussianNoise", (4, 5), stddev=0.0),
    of("GaussianNoise", (2, 3, 2), stddev=1.0, seed=3, random=True),
    of("GaussianDropout", (4, 5), rate=0.0),
    of("GaussianDropout", (2, 3, 2), rate=0.5, seed=3, random=True),
]
