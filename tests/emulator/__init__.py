"""The development registry: its state, its wire, its likeness to recorded traffic."""
