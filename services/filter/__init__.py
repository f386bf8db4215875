"""Raw messages come in, candidates go out: claims each message, drops what is surely no casting call, and says why."""
