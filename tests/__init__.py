"""The tests, laid out as the sources are."""
