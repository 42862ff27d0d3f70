"""Fragments on devices."""
