"""Training: the loop, and what happens beside it."""
