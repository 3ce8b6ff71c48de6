"""Lesson 14: training by mini-batches."""
