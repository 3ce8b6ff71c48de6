"""Optimizers and learning-rate schedules, on flat vectors; they know no layers."""
