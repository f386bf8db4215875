"""The WhatsApp gateway (Whapi.Cloud): how its JSON is read, and the client of its REST API."""
