"""Laws that hold for every generated registry and policy."""
