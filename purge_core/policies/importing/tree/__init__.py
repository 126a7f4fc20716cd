"""YAML and JSON, read for the lines of `acr purge` that tasks and workflows run."""
