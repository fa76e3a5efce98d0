"""Tests of the machine's load as metrics."""
