"""Lesson 21: initial weights."""
