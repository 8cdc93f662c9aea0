"""The verbs of the room, by what they are about: planning, agenda and text, attendance, balance list."""
