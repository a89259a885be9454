"""The words by which people stop and start messages.

A message is such a word only as a whole: "please stop calling" is for the flow or a person. The English
words are those that Twilio and the carriers act on (twilio.com/docs/messaging/tutorials/
advanced-opt-out); YES, which Twilio also takes for START, is left out because it answers questions.
"""

from __future__ import annotations

import unicodedata

_WORDS = {
    "stop": (
        "stop unsubscribe end quit stopall revoke optout cancel",
        "退订 退訂 取消订阅 取消訂閱 停止接收",
    ),
    "start": ("start unstop", "恢复订阅 恢復訂閱 重新订阅 重新訂閱 恢复接收"),
    "help": ("help info", "帮助 幫助"),
}
_CONSENT = {word: consent for consent, lines in _WORDS.items() for line in lines for word in line.split()}
_LONGEST = max(map(len, _CONSENT)) + 10


def consent_of(text: str) -> str:
    """``stop``, ``start`` or ``help`` where the whole message is such a word, else ''.

    Capitals, full-width letters, spaces around it and a full stop or exclamation mark after it do
    not matter.
    """
    if len(text) > _LONGEST:
        return ""
    return _CONSENT.get(unicodedata.normalize("NFKC", text).strip().rstrip(".!。").rstrip().casefold(), "")


def known_to_carriers(text: str) -> bool:
    """Whether it is one of the English words, which Twilio answers on its own by SMS."""
    return text.isascii()
