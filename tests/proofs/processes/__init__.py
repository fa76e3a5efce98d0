"""Proofs with real processes, files and servers."""
