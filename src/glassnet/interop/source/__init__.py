"""Source code: a network as one Python or C file."""
