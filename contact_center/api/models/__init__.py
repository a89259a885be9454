"""The shapes of the HTTP API, which the CLI's ``--json`` prints as well. They import no web framework."""
