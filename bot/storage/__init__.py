"""The operations database, its migrations, and the vault that keeps people unnamed in it."""
