"""Tests of `mlflowflow.tracking.fluent.api`."""
