"""Small flows for the tests of the engine room; the shipped ones have scripts of their own."""

from __future__ import annotations

DESK = {
    "desk": """
flow: desk
languages: [en]
start: ask
person: wait
nodes:
  ask:
    kind: menu
    text: "For orders press 1, for complaints press 2, for a message press 3, for a colleague press 4."
    choices:
      - {key: "1", label: Orders, words: [orders], next: first_line}
      - {key: "2", label: Complaints, words: [complaint], next: order}
      - {key: "3", label: Message, words: [message], next: message}
      - {key: "4", label: Colleague, words: [colleague], next: colleague}
  order:
    kind: collect
    text: "Which order?"
    min: 4
    max: 8
    save_as: order
    next: what
  what:
    kind: collect
    text: "What went wrong?"
    accept: words
    max: 200
    speech: true
    save_as: what
    next: open
  open:
    kind: open_ticket
    category: complaint
    subject: "{{ what }}"
    order: "{{ order }}"
    severity: high
    save_as: ticket
    next: told
    on_error: wait
  told:
    kind: say
    text: "{% if ticket.joined %}Added to{% else %}Your number is{% endif %} {{ ticket.number }}."
    next: more
  more:
    kind: menu
    text: "Press 1 for the menu, 2 to end."
    choices:
      - {key: "1", label: Menu, next: ask}
      - {key: "2", label: End, next: bye}
  message:
    kind: voicemail
    text: "Speak after the tone."
    queue: general
    next: thanks
    empty: bye
    on_error: bye
  thanks: {kind: say, text: "We have your message.", next: bye}
  colleague:
    kind: transfer
    to: {number: "+12025550123"}
    text: "One moment."
    answered: after
    busy: wait
    no_answer: wait
    failed: wait
  after: {kind: say, text: "That was your colleague.", next: more}
  first_line:
    kind: queue
    queue: vip
    max_wait: 30
    announcements: ["Please hold for the first line."]
    exits: [{key: "1", value: stop, next: bye}]
    next: after
    timed_out: second_line
    error: wait
  second_line: {kind: say, text: "The first line is busy.", next: wait}
  wait:
    kind: queue
    queue: general
    max_wait: 60
    announcements: ["Please hold."]
    exits: [{key: "1", value: stop, next: bye}]
    next: after
    timed_out: late
    error: bye
  late: {kind: say, text: "Nobody was free.", next: bye}
  bye: {kind: hang_up, text: "Goodbye."}
"""
}
"""A menu with a complaint about an order, a message, a colleague's telephone, and two queues in a row."""
