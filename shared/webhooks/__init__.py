"""Our own outgoing webhooks: how they are signed (Standard Webhooks 1.0), where they may go, and the sending."""
