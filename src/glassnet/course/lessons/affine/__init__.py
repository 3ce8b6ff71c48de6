"""Lesson 17: the backward pass of an affine layer."""
