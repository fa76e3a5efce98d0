"""Tests of mlflowflow.evaluation."""
