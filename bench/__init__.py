"""Measurements behind the claims of the documentation, each a ratio taken in one run."""
