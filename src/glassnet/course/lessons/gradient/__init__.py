"""Lesson 11: the gradient."""
