"""Hypothesis without a clock: the first example of a test may import pyarrow, on a busy machine."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
