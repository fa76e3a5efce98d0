"""Tests of the web UI: how it is built, what it is built from, and what a browser shows."""
