"""Extracted calls come in and wait for a reviewer; what is approved goes out, and so do its changes and its end."""
