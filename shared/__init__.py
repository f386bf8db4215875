"""What every service speaks and stands on: the contracts, the gateway's wire, the broker, the storage, the watching."""
