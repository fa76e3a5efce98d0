"""Tests of ``mlff runs``."""
