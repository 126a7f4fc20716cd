"""Checks infra/ without a Bicep compiler or Terraform.

Every file is read and worked out into the resources that a deployment would ask for, in every
variant of its parameters; these are held to the vendor's schemas, and to the code that they deploy.
"""
