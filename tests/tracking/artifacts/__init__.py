"""Tests of `mlflowflow.tracking.artifacts.repository`."""
