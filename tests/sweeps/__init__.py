"""Tests of :mod:`mlflowflow.sweeps`."""
