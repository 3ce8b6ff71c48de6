"""Lesson 3: arrays and the matrix product."""
