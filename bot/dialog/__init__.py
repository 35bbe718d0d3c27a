"""What a message means: commands, choices, follow-ups."""
