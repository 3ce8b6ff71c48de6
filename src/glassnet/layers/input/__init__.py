"""The shape of one sample, said at the start of a network."""
