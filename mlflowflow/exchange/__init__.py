"""Bringing runs and models over from MLflow, and back."""
