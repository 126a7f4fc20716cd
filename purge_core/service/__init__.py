"""The use cases of the app: a run from its start to its end, in pieces that many may carry.

Every piece is a message that may be delivered twice, late, or after its worker has died.
What has been done is in the store; so each piece looks there first and does what is left.
"""
