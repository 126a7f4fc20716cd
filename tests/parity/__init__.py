"""`acr purge` v0.18.1 as an independent model, and how we differ from it."""
