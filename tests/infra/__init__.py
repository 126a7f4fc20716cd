"""The checks of infra/: that they read right, and that no planted mistake gets past them."""
