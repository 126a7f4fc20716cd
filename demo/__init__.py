"""The tour: a seeded registry on this machine, planned, explained and purged by real commands."""
