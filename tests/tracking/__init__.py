"""Tests of runs and how they are kept and found."""
