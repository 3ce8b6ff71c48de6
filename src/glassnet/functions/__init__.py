"""The mathematics, without state: activations, losses, and the loops they run on.

``activations`` has each function with its derivative, ``losses`` each loss with its gradient;
``kernels`` are the loops that Numba compiles for both, and for the layers.
"""
