"""Tests of mlflowflow.data."""
