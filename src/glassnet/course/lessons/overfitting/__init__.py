"""Lesson 23: overfitting, and two cures: weight decay and dropout."""
