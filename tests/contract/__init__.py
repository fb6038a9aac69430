"""The contracts and the server against each other."""
