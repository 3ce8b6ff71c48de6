"""Lesson 22: batch normalization."""
