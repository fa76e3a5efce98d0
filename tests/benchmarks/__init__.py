"""Tests of the benchmarks: that their programs run, and that what they print is right. Nothing is timed."""
