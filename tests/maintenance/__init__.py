"""Tests of looking after a store as a whole."""
