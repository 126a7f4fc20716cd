"""The development host, seen from outside: only HTTP and queues."""
