"""The pages of a motion, by what one does there: find, write, file, read and support, answer."""
