"""The Function app on a host, with a real Azurite and a development registry."""
