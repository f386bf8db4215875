"""A stand-in WhatsApp gateway and a stand-in OpenAI endpoint: a corpus in, webhooks, answers and faults out."""
