"""Carriers: what can be done through a provider's own API (today: send a message)."""
