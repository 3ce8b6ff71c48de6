"""Images changed at random while a network trains: shifts, turns, zooms, light and noise."""
