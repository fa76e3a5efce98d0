"""A type of nobody's list, for tests of what is loaded on trust."""

from __future__ import annotations


class Thing:
    """Hold a number."""

    def __init__(self) -> None:
        """Start with one."""
        self.number = 1
