"""Lesson 16: ReLU and sigmoid, backward."""
