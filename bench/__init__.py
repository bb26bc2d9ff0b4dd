"""Measurements of the engine against the best alternatives: `python -m bench` prints tables."""
