"""Tests of mlflowflow.models."""
