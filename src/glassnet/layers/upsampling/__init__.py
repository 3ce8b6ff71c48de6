"""Larger images by repeated pixels."""
