"""Tests of the promotion gates."""
