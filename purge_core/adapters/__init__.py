"""The ports of the engine, implemented on real services."""
