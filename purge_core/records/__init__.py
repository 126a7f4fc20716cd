"""What is remembered of runs: outcomes, results, the journal, and the store behind it."""
