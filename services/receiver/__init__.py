"""Deliveries of the WhatsApp gateway come in by webhook, raw events go out, and each is answered once it is stored."""
