"""Normalisation."""

from contract.cases.specs import NOISY, POSITIVE, of

CASES: list = [
    of("BatchNormalization", (5,)),
    of("BatchNormalization", (4, 5), momentum=0.9, epsilon=1e-2, beta_initializer=NOISY),
    of("BatchNormalization", (4, 5), axis=1, gamma_initializer=NOISY),
    of("BatchNormalization", (5,), center=False, moving_variance_initializer=POSITIVE),
    of("BatchNormalization", (5,), scale=False, moving_mean_initializer=NOISY),
    of("LayerNormalization", (5,)),
    of("LayerNormalization", (4, 5), gamma_initializer=NOISY, beta_initializer=NOISY),
    of("LayerNormalization", (4, 5), axis=[1, 2], gamma_initializer=NOISY, mixes_steps=True),
    of("LayerNormalization", (4, 5), axis=1, center=False, epsilon=1e-5, mixes_steps=True),
    of("LayerNormalization", (5,), scale=False),
]
