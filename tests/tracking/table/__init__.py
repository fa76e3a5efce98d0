"""Tests of what is kept in the store, and how it is read."""
