"""Builds the values of a report from the journal, with a bounded number of queries for each."""
