"""Lesson 25: convolution."""
