"""The few sentences and words that the engine itself has, so that a flow need not repeat them.

Every one can be replaced in the flow by the field named beside it. A language that is not here
gets the English one.
"""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, dict[str, str]]] = {
    "en": {
        "no_match": "Sorry, that is not one of the choices.",  # no_match of a menu
        "no_input": "Sorry, I did not hear anything.",  # no_input of any question
        "invalid": "Sorry, that does not look right.",  # invalid of a collect
        "apology": "We are sorry, something has gone wrong on our side. Please try again later.",
        "yes": "Yes",
        "no": "No",
        "option": "For {label}, press {key}.",  # read_options of a menu
        "did_you_say": "Did you say: {words}? For yes, press 1 or say yes. For no, press 2 or say no.",
        "say_again": "Sorry. Please say it again.",
        "handed_back": "You are with our virtual assistant again. What else can I do for you?",  # back
        "one_moment": "One moment please, that was a lot at once.",  # flood of an ask_bot
        "am": "am",
        "pm": "pm",
    },
    "zh": {
        "no_match": "抱歉，没有这个选项。",
        "no_input": "抱歉，我没有听到您的回答。",
        "invalid": "抱歉，输入的内容不正确。",
        "apology": "非常抱歉，系统出现问题，请稍后再试。",
        "yes": "是",
        "no": "否",
        "option": "{label}请按{key}。",
        "did_you_say": "您说的是：{words}，对吗？是请按1或说“是”，不是请按2或说“不是”。",
        "say_again": "抱歉，请您再说一遍。",
        "handed_back": "智能助手继续为您服务，请问还需要什么帮助？",
        "one_moment": "请稍等，您发送得太快了。",
        "am": "上午",
        "pm": "下午",
    },
}

YES: Final = (
    "yes", "yeah", "yep", "yup", "y", "ok", "okay", "sure", "correct", "right", "that's right",
    "is right", "true", "confirm", "please do", "affirmative",
    "是", "是的", "对", "对的", "好", "好的", "没错", "正确", "确认", "可以", "嗯", "行",
)  # fmt: skip
NO: Final = (
    "no", "nope", "nah", "n", "wrong", "incorrect", "not", "not right", "not correct", "isn't",
    "cancel",
    "否", "不", "不是", "不对", "不是的", "不要", "不用", "错", "错了", "不正确", "没有", "不行",
    "不可以", "取消", "不好",
)  # fmt: skip
AGAIN: Final = ("repeat", "again", "say again", "pardon", "重复", "再听一次", "再说一遍", "重听")


def phrase(name: str, language: str) -> str:
    """The built-in sentence ``name`` in ``language`` (a BCP 47 tag; its first part is enough)."""
    spoken = PHRASES.get(language) or PHRASES.get(language.partition("-")[0]) or PHRASES["en"]
    return spoken[name]
