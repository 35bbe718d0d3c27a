"""A local WeChat: a phone to try the real webhook with, no official account needed."""
