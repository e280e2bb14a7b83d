"""How many steps the training loop puts into one chunk."""

import pytest

from pellucid.training.session import Pace


def after(seconds, **settings):
    """A pace that knows what a step takes."""
    pace = Pace(**settings)
    pace.learn(1, seconds, compiled=False)
    return pace


@pytest.mark.parametrize(
    ("seconds", "steps"),
    [
        (0.001, 250),  # a quarter of a second
        (0.03, 16),  # a little longer, so that sixteen share the chunk
        (0.1, 10),  # no more than a second
        (3.0, 1),
    ],
)
def test_a_chunk_takes_a_quarter_of_a_second_and_long_steps_share_a_second(seconds, steps):
    assert after(seconds).steps(10_000) == steps


def test_a_chunk_is_never_longer_than_what_is_left():
    assert after(0.001).steps(7) == 7


def test_the_first_chunk_is_one_step_and_compiling_teaches_nothing():
    pace = Pace()
    assert pace.steps(100) == 1
    pace.learn(1, 5.0, compiled=True)
    assert pace.steps(100) == 1
