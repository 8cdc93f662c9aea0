"""The pages of the protocol: reading, freezing, approval, archive and the check of a file."""
