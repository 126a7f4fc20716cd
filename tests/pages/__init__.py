"""The pages of the reports, looked at in a real browser."""
