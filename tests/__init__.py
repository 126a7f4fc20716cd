"""Tests of the engine, its adapters, its shells, and of the project itself."""
