"""Tests of ``mlff sweep``."""
