"""Lesson 13: the gradient of a network."""
