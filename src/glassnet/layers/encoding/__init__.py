"""Numbers of a table as piecewise-linear codes: where in its range each of them lies."""
