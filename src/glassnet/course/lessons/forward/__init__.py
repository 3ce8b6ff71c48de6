"""Lesson 4: the forward pass."""
