"""What became of a push: every number is a count over rows of the ledger, and opens into just the rows that it counts.

Two ledgers are balanced. People: matched = excluded + included, and each included person stands on one line, that of the
best that happened to them on any channel. Letters: each row of the ledger stands in one state. Sendings that the platform
accounts for in totals only (群发) are a block of their own and never added to these.
"""
