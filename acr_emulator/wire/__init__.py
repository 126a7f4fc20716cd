"""The registry's HTTP surface: addresses, tokens, and the JSON that it answers."""
