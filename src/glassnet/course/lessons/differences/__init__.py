"""Lesson 10: numerical differentiation."""
