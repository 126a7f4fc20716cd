"""What a run found and did, in words for people and in JSON for programs. Pure."""
