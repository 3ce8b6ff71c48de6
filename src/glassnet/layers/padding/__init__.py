"""Zeros around an image."""
