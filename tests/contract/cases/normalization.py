"""Normalisation."""

from contract.cases.specs import NOISY, POSITIVE, Integers, nested, of

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
    of(
        "BatchNormalization",
        (5,),
        renorm=True,
        moving_variance_initializer=POSITIVE,
        holds_fixed=True,
    ),
    of(
        "BatchNormalization",
        (4, 5),
        axis=1,
        renorm=True,
        renorm_clipping={"rmin": 0.8, "rmax": 1.2, "dmax": 0.3},
        renorm_momentum=0.8,
        holds_fixed=True,
    ),
    of("BatchNormalization", (4, 5), renorm=True, scale=False, center=False, holds_fixed=True),
    of("GroupNormalization", (6,), groups=3, gamma_initializer=NOISY, beta_initializer=NOISY),
    of("GroupNormalization", (4, 6), groups=2, epsilon=1e-5, mixes_steps=True),
    of("GroupNormalization", (4, 2, 3), groups=2, axis=1, center=False, mixes_steps=True),
    of("GroupNormalization", (4, 3), groups=-1, scale=False, mixes_steps=True),
    of("RMSNormalization", (5,)),
    of("RMSNormalization", (4, 5), epsilon=1e-2),
    of("RMSNormalization", (4, 5), axis=[1, 2]),
    # Keras lays the scale along the last axis, whichever axis was named.
    of("RMSNormalization", (4, 5), axis=1, keras=False),
    of("UnitNormalization", (5,)),
    of("UnitNormalization", (4, 5), axis=1, mixes_steps=True),
    of("UnitNormalization", (4, 5), axis=[1, 2], mixes_steps=True),
    of("SpectralNormalization", (5,), layer=nested("Dense", units=3), holds_fixed=True),
    of(
        "SpectralNormalization",
        (4, 5),
        layer=nested("Dense", units=3, use_bias=False),
        power_iterations=4,
    ),
    of(
        "SpectralNormalization",
        Integers((7,), 10),
        layer=nested("Embedding", input_dim=10, output_dim=4),
        holds_fixed=True,
        keras=False,  # there the vectors become whole numbers, as the input is
    ),
]
