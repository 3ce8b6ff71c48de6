"""Lesson 20: optimizers."""
