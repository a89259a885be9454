"""The words of the timeline in English and Chinese: phrases with places for values, words for codes, and the
`Teller` who puts entries into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from contact_center.titles import Titles

LONGEST: Final = 400
"""Characters of one quotation; the entry itself has the rest."""

Data = Mapping[str, Any]

PHRASES: Final[dict[str, dict[str, str]]] = {
    "inbound": {
        "en": "{channel} from {who}{to}; flow {flow} answers",
        "zh": "{who} 通过{channel}联系{to}，由流程 {flow} 接待",
    },
    "outbound": {
        "en": "{channel} from {who}{to}; flow {flow} speaks",
        "zh": "由 {who} 通过{channel}联系{to}，使用流程 {flow}",
    },
    "to": {"en": " to {to}", "zh": " {to}"},
    "withheld": {"en": "a withheld number", "zh": "隐藏号码"},
    "recognised": {"en": "Recognised as {name}", "zh": "识别为客户 {name}"},
    "updated": {"en": "Noted {what}: {value}", "zh": "记录{what}：{value}"},
    "updated_something": {"en": "Facts about the contact changed", "zh": "联系信息已更新"},
    "merged": {"en": "Moved to customer {customer} by a merge", "zh": "客户合并，转至客户 {customer}"},
    "unmerged": {
        "en": "Moved back to customer {customer}: the merge was undone",
        "zh": "合并已撤销，转回客户 {customer}",
    },
    "pressed": {"en": "Customer pressed {keys}", "zh": "客户按键 {keys}"},
    "said": {"en": "Customer: {words}", "zh": "客户：{words}"},
    "sure": {"en": "recognised with {percent}", "zh": "识别可信度 {percent}"},
    "picked": {"en": "Customer chose {value}", "zh": "客户选择{value}"},
    "recorded": {"en": "Customer finished recording", "zh": "客户录音结束"},
    "silent": {"en": "Customer gave no answer", "zh": "客户没有回应"},
    "hung_up": {"en": "Customer has gone", "zh": "客户已离开"},
    "path": {"en": "Path: {nodes}", "zh": "路径：{nodes}"},
    "heard": {"en": "Told the customer: {words}", "zh": "告知客户：{words}"},
    "effect_failed": {"en": "{name} failed: {reason}", "zh": "{name}失败：{reason}"},
    "effect_done": {"en": "{name}: done", "zh": "{name}：完成"},
    "looked_up": {"en": "Looked up {what} {value}: {found}", "zh": "查询{what} {value}：{found}"},
    "asked_ticket": {"en": "Asked about ticket {number}: {found}", "zh": "查询工单 {number}：{found}"},
    "bot": {"en": "Bot: {words}", "zh": "机器人：{words}"},
    "intent": {"en": "understood as {intent}", "zh": "理解为 {intent}"},
    "handoff": {"en": "hands over to a person", "zh": "转人工"},
    "requested": {
        "en": "Asked another system ({method}): status {status}",
        "zh": "请求外部系统（{method}）：状态 {status}",
    },
    "fault": {"en": "The flow went wrong: {what}", "zh": "流程出错：{what}"},
    "trouble": {
        "en": "The provider could not use our answer (error {code})",
        "zh": "运营商无法使用我们的应答（错误 {code}）",
    },
    "ticket_opened": {"en": "Ticket {number} opened", "zh": "已开立工单 {number}"},
    "ticket_joined": {"en": "Joined open ticket {number}", "zh": "并入未结工单 {number}"},
    "callback": {"en": "Call back promised for queue {queue}", "zh": "已承诺由队列 {queue} 回电"},
    "survey": {"en": "Survey {name}: {score} of 5", "zh": "满意度调查 {name}：{score} 分（满分 5 分）"},
    "owner": {"en": "From now on {owner} speaks with the customer", "zh": "此后由{owner}接待客户"},
    "by": {"en": "by {who}", "zh": "操作者 {who}"},
    "note": {"en": "Note by {actor}: {words}", "zh": "{actor} 备注：{words}"},
    "wrote": {"en": "Customer wrote: {words}", "zh": "客户写道：{words}"},
    "message_in": {"en": "A message came", "zh": "收到消息"},
    "files": {"en": "{count} files", "zh": "{count} 个文件"},
    "sent": {"en": "Message by {author}", "zh": "{author}发出消息"},
    "blocked": {"en": "No message was sent", "zh": "消息未发出"},
    "message_status": {"en": "Message {status}", "zh": "消息{status}"},
    "opted_out": {"en": "Customer wants no more {kind} messages", "zh": "客户拒收{kind}消息"},
    "opted_in": {"en": "Customer allows {kind} messages again", "zh": "客户重新接受{kind}消息"},
    "call_status": {"en": "Provider reports the call {status}", "zh": "运营商报告通话{status}"},
    "late": {"en": "after the end", "zh": "结束之后"},
    "recording": {"en": "Recording {status}", "zh": "录音{status}"},
    "transcript": {"en": "Transcript, {who}: {words}", "zh": "语音转写，{who}：{words}"},
    "voicemail": {"en": "Customer left a message", "zh": "客户留言"},
    "ended": {"en": "Over: {outcome}", "zh": "结束：{outcome}"},
    "swept": {
        "en": "No end was ever reported; closed by the sweep",
        "zh": "未收到结束通知，由系统清理关闭",
    },
    "other": {"en": "{kind}", "zh": "{kind}"},
    "case": {"en": "case {number}", "zh": "情形 {number}"},
    "seconds": {"en": "{count} s", "zh": "{count} 秒"},
    "agent": {"en": "{name}", "zh": "坐席 {name}"},
    "tail": {"en": " ({facts})", "zh": "（{facts}）"},
    "comma": {"en": ", ", "zh": "，"},
    "colon": {"en": ": ", "zh": "："},
}

WORDS: Final[dict[str, tuple[str, str]]] = {
    "phone": ("Phone call", "电话"),
    "sms": ("SMS", "短信"),
    "whatsapp": ("WhatsApp", "WhatsApp"),
    "web": ("Web chat", "网页聊天"),
    "console": ("Terminal", "终端"),
    "flow": ("the flow", "流程"),
    "bot": ("the bot", "机器人"),
    "agent": ("an agent", "坐席"),
    "nobody": ("nobody", "无人"),
    "system": ("the system", "系统"),
    "customer": ("customer", "客户"),
    "order": ("order", "订单"),
    "ticket": ("ticket", "工单"),
    "caller": ("of the caller", "来电者的"),
    "somebody": ("somebody", "未知"),
    "found": ("found", "已找到"),
    "not_found": ("not found", "未找到"),
    "not_theirs": ("belongs to somebody else", "属于他人"),
    "standard": ("standard", "普通"),
    "silver": ("silver customer", "银牌客户"),
    "gold": ("gold customer", "金牌客户"),
    "key": ("key customer", "重点客户"),
    "low": ("low", "低"),
    "normal": ("normal", "一般"),
    "high": ("high", "高"),
    "urgent": ("urgent", "紧急"),
    "language": ("language", "语言"),
    "reason": ("reason", "事由"),
    "tags": ("tags", "标签"),
    "answered": ("answered by a person", "已由人工接听"),
    "completed": ("completed", "已完成"),
    "voicemail": ("voicemail left", "已留言"),
    "callback": ("call back promised", "已约回电"),
    "abandoned": ("left while waiting", "等待中放弃"),
    "hung_up": ("hung up", "已挂断"),
    "failed": ("failed", "失败"),
    "unknown": ("unknown", "未知"),
    "busy": ("busy", "占线"),
    "no_answer": ("no answer", "无人接听"),
    "canceled": ("canceled", "已取消"),
    "left": ("customer chose to leave", "客户选择离开"),
    "timed_out": ("waited too long", "等待超时"),
    "full": ("line is full", "队列已满"),
    "closed": ("closed now", "非营业时间"),
    "error": ("error", "错误"),
    "timeout": ("no answer in time", "超时"),
    "too_many": ("too many at once", "次数过多"),
    "refused": ("refused", "被拒绝"),
    "accepted": ("accepted", "已接受"),
    "declined": ("declined", "已拒绝"),
    "expired": ("not answered in time", "超时未接"),
    "queued": ("queued", "排队中"),
    "sent": ("sent", "已发送"),
    "delivered": ("delivered", "已送达"),
    "read": ("read", "已读"),
    "undelivered": ("not delivered", "未送达"),
    "opted_out": ("the customer has opted out", "客户已拒收"),
    "keyword": ("by keyword", "关键词"),
    "carrier_21610": ("told by the carrier", "运营商告知"),
    "advanced_opt_out": ("told by the provider", "服务商告知"),
    "initiated": ("begun", "已发起"),
    "ringing": ("ringing", "振铃中"),
    "in_progress": ("in progress", "进行中"),
    "absent": ("empty", "无内容"),
    "paused": ("paused", "已暂停"),
    "resumed": ("resumed", "已恢复"),
    "done": ("the flow came to its end", "流程结束"),
    "customer_silent": ("nothing more was heard", "客户无后续"),
    "no_end_reported": ("no end was reported", "未收到结束通知"),
    "look_up": ("Look-up", "查询"),
    "ask_bot": ("Asking the bot", "询问机器人"),
    "open_ticket": ("Opening a ticket", "开立工单"),
    "ticket_status": ("Asking about a ticket", "查询工单"),
    "enter_queue": ("Getting in line", "进入队列"),
    "leave_queue": ("Leaving the line", "离开队列"),
    "request_callback": ("Promising a call back", "预约回电"),
    "http_request": ("Asking another system", "请求外部系统"),
    "save_survey": ("Keeping the survey's answer", "保存满意度"),
    "save_voicemail": ("Keeping the message", "保存留言"),
    "update_contact": ("Noting facts", "更新信息"),
    "by_phone": ("by the number", "凭号码"),
    "by_whatsapp": ("by the number", "凭号码"),
    "by_email": ("by the e-mail address", "凭邮箱"),
    "by_web": ("by the web session", "凭网页会话"),
    "crm_import": ("known from the CRM", "CRM 导入"),
    "said_by_customer": ("said so", "客户自述"),
    "verified": ("verified", "已验证"),
    "first_contact": ("known since the first contact", "首次联系"),
    "longest_idle": ("longest idle", "最长空闲"),
    "most_skilled": ("most skilled", "技能优先"),
    "least_loaded": ("least loaded", "负载最低"),
    "round_robin": ("round robin", "轮流分配"),
    "last_agent": ("the last agent first", "上次坐席优先"),
    "wanted": ("asked for", "指定坐席"),
    "owner_first": ("the customer's owner first", "专属坐席优先"),
    "handled": ("dealt with", "已处理"),
    "transferred": ("transferred", "已转接"),
    "transfer": ("transfer", "转接"),
    "reassigned": ("reassigned", "改派"),
    "agent_lost": ("the agent's desk was lost", "坐席掉线"),
    "desk_lost": ("the agent's desk was lost", "坐席掉线"),
    "agent_no_answer": ("the agent's telephone was not answered", "坐席话机无人接听"),
    "agent_busy": ("the agent's telephone was busy", "坐席话机占线"),
    "agent_machine": ("an answering machine answered for the agent", "坐席话机由答录机接听"),
    "agent_canceled": ("the agent's telephone was not answered", "坐席话机无人接听"),
    "agent_hung_up": ("the agent hung up too early", "坐席提前挂断"),
    "agent_left": ("the agent hung up too early", "坐席提前挂断"),
    "agent_failed": ("the agent could not be called", "无法呼叫坐席"),
    "agent_carrier": ("the agent could not be called", "无法呼叫坐席"),
    "not_connected": ("no connection came about", "未能接通"),
    "carrier": ("the carrier did not do it", "运营商未能执行"),
    "machine": ("an answering machine", "答录机"),
    "dropped": ("ended by us", "由系统挂断"),
    "by_us": ("ended by us", "由系统挂断"),
    "room_ended": ("the conversation was over", "会话已结束"),
    "human": ("a person", "真人"),
    "waited_here": ("waited there long enough", "等待超时"),
    "cold": ("cold", "盲转"),
    "warm": ("after consultation", "咨询后转接"),
    "listen": ("listens", "监听"),
    "whisper": ("whispers to the agent", "密语指导"),
    "barge": ("joins the conversation", "强插"),
    "resolved": ("resolved", "已解决"),
    "follow_up": ("follow-up", "待跟进"),
    "wrong_queue": ("wrong queue", "错误队列"),
    "spam": ("spam", "骚扰"),
    "other": ("other", "其他"),
    "leg_agent": ("agent", "坐席"),
    "leg_consulted": ("consulted agent", "被咨询坐席"),
    "leg_customer": ("customer", "客户"),
    "leg_outside": ("outside party", "外线"),
    "leg_supervisor": ("supervisor", "班长"),
    "leg_placing": ("being placed", "呼叫中"),
    "leg_ringing": ("ringing", "振铃"),
    "leg_answered": ("picked up", "已摘机"),
    "leg_joined": ("in the conversation", "已加入通话"),
    "leg_left": ("over", "已离开"),
    "leg_failed": ("failed", "未接通"),
}
"""Our codes as people say them, English and Chinese; any other code is shown with spaces for underscores."""


WAYS: Final[dict[str, tuple[str, str]]] = {
    "else": ("else", "其他"),
    "open": ("open", "营业中"),
    "closed": ("closed", "非营业时间"),
    "holiday": ("holiday", "节假日"),
    "found": ("found", "已找到"),
    "missing": ("not found", "未找到"),
    "accepted": ("accepted", "已受理"),
    "refused": ("refused", "未受理"),
    "answered": ("answered", "已接听"),
    "busy": ("busy", "占线"),
    "no_answer": ("no answer", "无人接听"),
    "failed": ("failed", "失败"),
    "empty": ("empty", "无内容"),
    "full": ("line is full", "队列已满"),
    "timed_out": ("waited too long", "等待超时"),
    "handoff": ("to a person", "转人工"),
    "on_failure": ("not understood", "多次未能识别"),
    "on_error": ("error", "错误"),
    "error": ("error", "错误"),
    "end": ("end", "结束"),
    "return": ("return", "返回"),
}
"""The ways out of the engine's own nodes (`ivr_flows.nodes`); those of menus are the company's."""

TONGUES: Final[dict[str, tuple[str, str]]] = {
    "en": ("English", "英语"),
    "zh": ("Chinese", "中文"),
}
"""The languages that customers are spoken to in."""


def word_for(code: str, language: str) -> str:
    """A code in ``en`` or ``zh``."""
    known = WORDS.get(code)
    return known[language == "zh"] if known else code.replace("_", " ")


class Teller:
    """Puts entries into the words of one language, with messages' words and agents' names by their ids, and
    what the company has named by its titles."""

    def __init__(
        self,
        language: str,
        texts: Mapping[str, str],
        names: Mapping[str, str] | None = None,
        titles: Titles | None = None,
    ) -> None:
        self.language = "zh" if language.lower().startswith("zh") else "en"
        self.texts = texts
        self.names = names or {}
        self.titles = titles or Titles()

    def say(self, phrase: str, **values: object) -> str:
        """A phrase of `PHRASES` with its values filled in."""
        return self.fill(PHRASES[phrase], **values)

    def fill(self, phrase: Mapping[str, str], **values: object) -> str:
        """A phrase in both languages, in the teller's and with its values filled in."""
        return phrase[self.language].format(**values)

    def word(self, code: object) -> str:
        """A stable word of ours (``no_answer``) as people say it; else what the company calls it so."""
        text = str(code)
        if text in WORDS:
            return word_for(text, self.language)
        called = self.called(text)
        return called if called != text else word_for(text, self.language)

    def called(self, name: object) -> str:
        """What the company has named (a reason, an intent, a flow), by its title."""
        return self.titles.of(str(name), self.language)

    def queue(self, name: object) -> str:
        """A queue by its title."""
        return self.titles.queue(str(name or ""), self.language)

    def tongue(self, code: object) -> str:
        """A language (``zh-CN``) by its name; one that is not spoken here by its code."""
        known = TONGUES.get(str(code).partition("-")[0])
        return known[self.language == "zh"] if known else str(code)

    def agent(self, agent_id: object) -> str:
        """An agent by name, by the id where the name is not known."""
        if not agent_id:
            return self.word("nobody")
        return self.say("agent", name=self.names.get(str(agent_id), str(agent_id)))

    def actor(self, actor: object) -> str:
        """Who did it: an agent (``agent:ID``) by name, a part of the engine in words, anybody else as
        journaled."""
        kind, _, who = str(actor).partition(":")
        if kind == "agent" and who in self.names:
            return self.agent(who)
        return self.word(kind) if not who and kind in WORDS else str(actor)

    def quoted(self, text: object) -> str:
        """Somebody's own words, on one line and not endless."""
        words = " ".join(str(text).split())
        if len(words) > LONGEST:
            words = f"{words[:LONGEST]}…"
        return f"“{words}”"

    def duration(self, seconds: object) -> str:
        """Seconds as people say them: ``75 s`` and ``12 s``, nothing for what is not known."""
        return self.say("seconds", count=f"{float(seconds):g}") if isinstance(seconds, (int, float)) else ""

    def tail(self, *parts: str) -> str:
        """Further facts in brackets, without those that are not known."""
        known = [part for part in parts if part]
        return self.say("tail", facts=self.say("comma").join(known)) if known else ""
