"""Plans: ordered steps with what is expected of each, sealed and stored."""
