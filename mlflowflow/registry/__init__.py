"""Registered models as a numbered, hash-chained log of decisions."""
