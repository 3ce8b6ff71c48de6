"""Lesson 8: losses, and one-hot labels."""
