"""The office's JSON API for other systems, under ``/api/v1``: what the console does, without a browser."""
