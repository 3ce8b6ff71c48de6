"""One page: its data, its network, and the training; nothing here knows of the web."""
