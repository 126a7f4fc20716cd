"""The purge engine: plans, explains and executes what leaves a container registry."""

__version__ = "0.1.0"
