"""What everything else stands on: compiled loops, parameters, settings, files, names."""
