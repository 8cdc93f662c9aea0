"""Protocols that were not written here: read, checked, and loaded as data."""
