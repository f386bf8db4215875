"""The publisher's pages and its JSON API."""
