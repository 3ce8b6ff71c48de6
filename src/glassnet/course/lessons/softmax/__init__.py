"""Lesson 5: softmax."""
