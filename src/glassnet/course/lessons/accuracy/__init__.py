"""Lesson 9: why a network learns from a loss, and not from its accuracy."""
