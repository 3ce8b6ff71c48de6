"""Lesson 28: find the bug."""
