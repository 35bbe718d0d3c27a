"""A rehearsal of a push in the sandbox: real processes, killed and frozen on purpose, and then everybody is counted."""
