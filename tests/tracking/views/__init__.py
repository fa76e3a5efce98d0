"""Tests of `mlflowflow.tracking.views`."""
