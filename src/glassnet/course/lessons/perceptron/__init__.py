"""Lesson 1: the perceptron."""
