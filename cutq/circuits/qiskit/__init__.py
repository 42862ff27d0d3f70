"""Qiskit circuits as values of cutq and back."""
