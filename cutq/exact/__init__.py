"""Fragments on this computer: amplitudes and values, without shots and without errors but rounding."""
