"""Scaling of the input: y = x·scale + offset."""
