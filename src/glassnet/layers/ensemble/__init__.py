"""Several networks as one: the weighted sum of their outputs."""
