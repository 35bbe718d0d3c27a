"""Short messages by Chinese providers, behind ``bot.channels.port``."""
