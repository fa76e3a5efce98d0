"""Tests of :mod:`mlflowflow.server`."""
