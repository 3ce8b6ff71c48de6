"""Layers that change the shape or the scale of their input."""
