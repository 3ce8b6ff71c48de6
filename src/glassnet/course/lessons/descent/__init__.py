"""Lesson 12: gradient descent."""
