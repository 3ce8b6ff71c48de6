"""Diagnosis of a training run: what went wrong, and what to try."""
