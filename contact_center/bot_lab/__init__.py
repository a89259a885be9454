"""What makes the chatbot better: checks of its project, measured understanding, and learning from talks.

The parts are pure (examples or rows in, findings out), but for `noting`, which runs in a contact's turn;
`contact_center.cli.bot` puts them before people.
"""
