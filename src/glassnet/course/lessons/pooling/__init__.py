"""Lesson 26: pooling and a small convolutional network."""
