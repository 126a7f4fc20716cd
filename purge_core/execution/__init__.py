"""Carrying a plan out: verified just before each delete, recorded ahead, one outcome per step."""
