"""Tests of `mlflowflow.tracking.logged`."""
