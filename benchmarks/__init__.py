"""Measurements: each prints a table of figures measured in one run, on the machine at hand."""
