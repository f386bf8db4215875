"""Accounts: for every message that the streams hold the one state it ended in, and the list of what is missing."""
