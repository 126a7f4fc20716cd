"""Terraform: read with python-hcl2, and worked out into the resources that an apply would ask for.

Nothing is planned: no provider is asked. What is written with azapi has the types, versions and
bodies of Azure itself, so the same schemas and rules hold it.
"""
