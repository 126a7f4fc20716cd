"""What should be purged: policy documents, ``acr purge`` command lines, patterns."""
