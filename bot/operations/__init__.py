"""Running an installation: backups and their return, checks, how long what is kept, figures of the month."""
