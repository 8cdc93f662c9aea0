"""What pages and verbs ask of the database about a meeting: nothing here changes anything."""
