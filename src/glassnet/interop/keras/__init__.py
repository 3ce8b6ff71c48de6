"""Keras: its `.keras` files, written and read without Keras."""
