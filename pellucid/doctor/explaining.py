"""Which symptoms a finding can be behind, in five words."""

from __future__ import annotations

# word -> symptom -> share of the likelihood given for the word
_SYMPTOMS = {
    "learn": {"not-learning": 1.0, "class-prior-only": 1.0},
    "slow": {"slow": 1.0, "underfitting": 0.9},
    "diverge": {"diverging": 1.0, "loss-not-finite": 1.0},
    "unstable": {"unstable": 1.0},
    "generalise": {"generalising-badly": 1.0, "overfitting": 0.7},
}


def explains(
    learn: float = 0.0,
    slow: float = 0.0,
    diverge: float = 0.0,
    unstable: float = 0.0,
    generalise: float = 0.0,
) -> dict[str, float]:
    """Symptom id -> likelihood, for `rule(explains=...)`.

    Args:
        learn: how likely the finding, if it is there, is behind a run that learns nothing.
        slow: ... behind one that learns far less than it could.
        diverge: ... behind a loss that grows or is not a number.
        unstable: ... behind a loss that jumps up and down.
        generalise: ... behind validation far worse than training.

    >>> explains(unstable=0.5)
    {'unstable': 0.5}
    """
    given = {
        "learn": learn,
        "slow": slow,
        "diverge": diverge,
        "unstable": unstable,
        "generalise": generalise,
    }
    return {
        symptom: round(likelihood * share, 3)
        for word, likelihood in given.items()
        if likelihood
        for symptom, share in _SYMPTOMS[word].items()
    }
