"""Ways to reach a person: the platform's message kinds, e-mail and SMS, each behind one port."""
