"""Lesson 6: digits read by a trained network."""
