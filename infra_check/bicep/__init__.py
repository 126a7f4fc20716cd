"""Bicep: read, looked over, and worked out into the resources that a deployment would ask for."""
