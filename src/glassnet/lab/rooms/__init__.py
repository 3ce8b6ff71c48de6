"""The rooms of the lab, each in a folder of its own; see :mod:`glassnet.lab`."""
