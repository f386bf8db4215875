"""Asks the gateway for what its webhooks missed, and publishes it as the receiver would have done."""
