"""Tests of the way from MLflow and back."""
