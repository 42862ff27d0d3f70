"""Cuts, plans of cuts, networks of fragments and bonds, their contraction and their price."""
