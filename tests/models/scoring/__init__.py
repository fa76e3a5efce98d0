"""Tests of mlflowflow.models.scoring."""
