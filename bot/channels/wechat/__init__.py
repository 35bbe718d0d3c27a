"""What the WeChat platform offers for reaching followers, each thing an adapter behind ``bot.channels.port``."""
