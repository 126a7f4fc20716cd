"""Shell scripts, read for the lines of `acr purge` that they surely run."""
