"""Lesson 19: layers as objects."""
