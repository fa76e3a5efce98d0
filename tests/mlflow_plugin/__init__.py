"""Tests of :mod:`mlflowflow.mlflow_plugin`."""
