"""Carriers: what can be done through a provider's own API (send a message; later: connect, hold, transfer)."""
