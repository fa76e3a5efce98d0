"""Tests of how what is logged leaves a process."""
