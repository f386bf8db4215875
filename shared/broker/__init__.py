"""NATS JetStream: connecting, the streams and consumers, publishing with an acknowledgement, settling what fails."""
