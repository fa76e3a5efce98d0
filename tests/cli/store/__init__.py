"""Tests of ``mlff store``."""
