"""What the words beside a number say it is: an order's, a ticket's, a telephone's, or none of these."""

from __future__ import annotations

import re

OTHER = "other"
"""The cue of numbers that are no order, ticket or telephone: post codes, cards, sums, house numbers."""

_BEFORE = {
    "order_number": "order orders purchase ordernumber orderno 订单 单号 订单号 下单 订购",
    "ticket_number": "ticket tickets complaint case incident ticketnumber"
    " 工单 工单号 投诉 投诉号 投诉单 投诉单号 服务单 服务单号",
    "phone": "phone telephone mobile cell cellphone handset landline call ring dial reach text whatsapp sms"
    " 电话 手机 手机号 座机 联系方式 拨打 致电 拨 打 微信",
    OTHER: "zip postcode post postal plz card ending pin passcode otp verification paid pay charged cost"
    " costs price priced room floor flat apartment street model version year extension ext iban account"
    " customer member client passport licence license"
    " 邮编 卡号 尾号 银行卡 信用卡 验证码 密码 花了 付了 扣了 收了 价格 房间 型号 分机"
    " 账号 账户 客户号 会员号 会员卡 客户编号 身份证",
}
_CUES = {word: entity for entity, words in _BEFORE.items() for word in words.split()}

_FILLER_WORDS = (
    "is was it s number numbers no nr num code id my the our this that at on to with under called in"
    " please are of me us back again just reference ref digits reads says said been"
)
_FILLERS = frozenset(_FILLER_WORDS.split())
_HAN_FILLERS = "的是为号码编:：,.#=我你您他们给叫了在 "
_WINDOW = 32
_MOST_FILLERS = 4
_WORD_BEFORE = re.compile(r"([a-z]{1,20})[^a-z\u4e00-\u9fff]{0,4}\Z")
_AFTER = re.compile(
    r"[ ,]{0,2}+(?>is|was|as|(?:这|那)?[个张号]{0,2}+的?)(?> ?(?:my|the|our)? ?)"
    r"(?:(?P<order_number>order|订单)|(?P<ticket_number>ticket|complaint|工单|投诉)"
    r"|(?P<phone>phone|mobile|cell|telephone|是?我?的?(?:电话|手机)))"
)
_MEASURE = re.compile(
    r" ?-?(?:(?:kg|g|mg|lbs?|km|m|cm|mm|inch|inches|w|watts?|v|volts?|mah|hz|k|gb|mb|tb|px|p|ml|l|percent"
    r"|times|people|persons?|items|pieces|pcs|years?|months?|weeks?|days?|hours?|minutes?|seconds?|steps"
    r"|miles|met(?:er|re)s?|grams?|kilos?|stars?|reviews|points)(?![a-z])"
    r"|[%°]|公里|公斤|小时|分钟|毫安|瓦|年|天|次|个(?![人]?订单)|台|件|斤|克|米|度|人|秒|积分|多)"
)


def cue(level: str, start: int, end: int) -> str | None:
    """The entity that the words around level[start:end] announce, `OTHER`, or None."""
    before = level[max(0, start - _WINDOW) : start]
    for _ in range(_MOST_FILLERS):
        before, announced = _skip_han(before)
        if announced is not None:
            return announced
        word = _WORD_BEFORE.search(before)
        if word is None:
            break
        if word[1] in _CUES:
            return _CUES[word[1]]
        if word[1] not in _FILLERS:
            break
        before = before[: word.start()]
    return _cue_after(level, end)


def _skip_han(before: str) -> tuple[str, str | None]:
    """The text without the signs and Chinese fillers at its end, and the cue they end in, if any."""
    while before:
        announced = next((_CUES[before[-size:]] for size in (4, 3, 2, 1) if before[-size:] in _CUES), None)
        if announced is not None and before[-1] > "\u2e7f":
            return before, announced
        if before[-1] not in _HAN_FILLERS:
            break
        before = before[:-1]
    return before, None


def _cue_after(level: str, end: int) -> str | None:
    match = _AFTER.match(level, end)
    return match.lastgroup if match else None


def counts_something(level: str, end: int) -> bool:
    """True where a unit of measure follows: "1500 watts", "1200个"."""
    return _MEASURE.match(level, end) is not None
