"""Circuits from modules: typed ports, compositions, classical links, published folders."""
