"""Tests of the pictures of a sweep."""
