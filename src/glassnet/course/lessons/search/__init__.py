"""Lesson 24: hyperparameter search."""
