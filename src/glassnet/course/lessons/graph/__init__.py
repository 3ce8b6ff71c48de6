"""Lesson 15: the computational graph and the chain rule."""
