"""The citizen's page: ask in plain words, read the official text with its source."""
