"""Numbers of a table as waves: cosines whose frequencies are learned."""
