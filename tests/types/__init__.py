"""Tests of schemas written by hand."""
