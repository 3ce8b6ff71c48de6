"""The web: the page and its files, the socket, and what a message does."""
