"""What `doctor` says: pure. Adapters look, and hand over sights; here these become checks."""
