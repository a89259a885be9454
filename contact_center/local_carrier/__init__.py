"""The built-in telephone company: what Twilio is to the engine, with browsers as telephones.

    phone_socket   telephones: the WebSocket of customers' and agents' browsers
    exchange       live calls, conferences and queues, and what people and the API do with them
    runner         follows a call's TwiML: fetches signed webhooks, says, listens, dials
    rest           Twilio's REST API, as far as the engine speaks it
    calls, conference, places, talking, document   PURE: the rules, without I/O
    wiring         puts it all together for `contact_center.app`

The engine does not know which of the two carries its calls: it runs with `TwilioVoice`, `TwilioApi` and
`TwilioCalls` as they are. docs/phone.md says what is kept of Twilio's contract and what is not.
"""
