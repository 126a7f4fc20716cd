"""The command line and the Function app from outside."""
