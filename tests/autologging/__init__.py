"""Tests of logging without being asked."""
