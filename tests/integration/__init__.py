"""Adapters against the development registry and Azurite, faults included."""
