"""Convolutions over images and over series."""
