"""The commands of ``zwgk``, a module a noun."""
