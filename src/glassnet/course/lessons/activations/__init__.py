"""Lesson 2: step, sigmoid, ReLU."""
