"""The engine: from a snapshot and a policy to a verdict with reasons for everything in it."""
