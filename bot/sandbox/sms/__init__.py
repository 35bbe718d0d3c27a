"""Providers of short messages, as two Chinese ones speak: enough for their own SDKs to send, and to ask what became."""
