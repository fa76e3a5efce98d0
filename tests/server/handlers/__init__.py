"""Tests of :mod:`mlflowflow.server.handlers`."""
