"""Policies from what people have elsewhere: ACR Tasks, Terraform, Bicep, scripts, workflows.

Each reader of a format hands over ``findings``; ``lines`` turns every one into a policy, or
into problems that name the place; ``imported`` is the way in.
"""
