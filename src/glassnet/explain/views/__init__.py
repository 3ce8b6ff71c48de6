"""How an explanation is shown: as text, HTML, LaTeX and plain data."""
