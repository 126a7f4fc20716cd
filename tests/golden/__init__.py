"""Scenarios with their expected decisions and plans, one line per verdict."""
