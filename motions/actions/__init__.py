"""What can be done with a motion, a function per verb. Unions draft, file, change, withdraw and support; the employer answers."""
