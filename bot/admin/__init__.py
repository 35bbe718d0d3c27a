"""The office's console: pages under ``/admin`` for people who sign in."""
