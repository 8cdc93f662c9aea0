"""What is typed about a motion, judged: a file for each of the pages that ask."""
