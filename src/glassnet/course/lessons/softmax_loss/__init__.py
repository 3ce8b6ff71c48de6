"""Lesson 18: softmax with cross-entropy, backward."""
