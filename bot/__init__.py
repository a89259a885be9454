"""The chatbot: described once, as a Rasa project (`rasa_project/`), and run by a `runtime.Bot`.

`embedded` runs the project inside the process. This package knows neither flows, store nor
application; what a bot looks up or opens goes through the `runtime.ActionRunner` it was given.
"""
