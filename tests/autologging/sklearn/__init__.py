"""Tests of what is logged of scikit-learn."""
