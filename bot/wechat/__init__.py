"""The WeChat official account channel: webhook, crypto, messages in, replies out."""
