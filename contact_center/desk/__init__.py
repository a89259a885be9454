"""The desk: where agents are told of work, live. Today its connections; what they ask for is the API's."""
