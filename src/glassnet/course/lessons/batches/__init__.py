"""Lesson 7: predicting in batches."""
