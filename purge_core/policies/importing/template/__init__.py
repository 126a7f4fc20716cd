"""Terraform and Bicep, read for the tasks that they deploy."""
