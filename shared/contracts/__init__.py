"""The language of the pipeline: what travels between the services, and on which subject."""
