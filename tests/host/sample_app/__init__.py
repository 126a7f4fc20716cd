"""A Function app for the tests of the development host."""
