"""Tests with the frameworks themselves, in the environment that `make test-frameworks` makes."""
