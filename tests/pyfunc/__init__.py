"""Tests of models written in Python."""
