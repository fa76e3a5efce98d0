"""Tests of mlflowflow.models.flavors."""
