"""What somebody is told after a run that they should know of, and in which shape."""
