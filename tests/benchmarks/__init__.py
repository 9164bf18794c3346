"""Measurements of `make bench`: ratios to a baseline of the same run, printed as tables, never a timed assertion."""
