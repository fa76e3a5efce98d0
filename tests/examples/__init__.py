"""Tests of the example projects, function by function and as their users run them."""
