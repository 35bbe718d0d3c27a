"""Question → answer, as a visible list of steps."""
