// The desk's words in English and Chinese, side by side, and which of the two is spoken.
import { useCallback, useSyncExternalStore } from 'react'
import { CODES } from './word-codes'

const TEXTS = {
  abandonment: ['Abandonment', '放弃率'],
  about_customer: ['About the customer', '客户信息'],
  accept: ['Accept', '接受'],
  add: ['Add', '添加'],
  add_identity: ['Add an address', '添加联系方式'],
  address: ['Number or address', '号码或地址'],
  again: ['Try again', '重试'],
  agent: ['Agent', '坐席'],
  agents: ['Agents', '坐席'],
  all: ['All', '全部'],
  allow_notices: ['Allow desktop notifications', '允许桌面通知'],
  answer: ['Answer', '接听'],
  answered: ['Answered', '已接听'],
  answers: ['Answers', '接听号码'],
  asking: ['Asking {name}; the customer is on hold', '正在咨询{name}，客户已保持'],
  assign: ['Assign', '分配'],
  assignee: ['Assignee', '负责人'],
  barge: ['Join in', '强插'],
  began: ['Began', '开始时间'],
  board: ['Board', '看板'],
  break: ['Break', '小休'],
  by_password: ['Sign in with a password', '使用密码登录'],
  by_token: ['Sign in with a token', '使用令牌登录'],
  call: ['Call', '通话'],
  call_controls: ['Call controls', '通话控制'],
  came_today: ['Came today', '今日进线'],
  came_by: ['Came by', '来源路径'],
  cancel: ['Cancel', '取消'],
  canned: ['Replies', '常用回复'],
  canned_name: ['Name of the reply (type /name and a space to use it)', '回复名称（输入 /名称 加空格即可使用）'],
  canned_save: ['Keep this text as a reply', '将此内容存为常用回复'],
  category: ['Category', '类别'],
  change_state: ['Change the state of {name}', '更改{name}的状态'],
  channel: ['Channel', '渠道'],
  claim: ['Claim', '领取'],
  clear: ['Clear', '清除'],
  close: ['Close', '关闭'],
  close_for_good: ['Close for good', '彻底关闭'],
  cold: ['At once', '直接转接'],
  commands: ['Commands', '命令'],
  connected_call: ['connected', '通话中'],
  connecting_now: ['Connecting…', '正在接通…'],
  consult: ['Consult', '咨询'],
  consult_asked: ['Asking {name}…', '正在呼叫{name}…'],
  consult_cancel: ['Cancel', '取消咨询'],
  consult_complete: ['Transfer', '完成转接'],
  consult_here: ['{name} is on the line', '{name}已接入'],
  consult_join: ['Conference', '三方通话'],
  consult_joined: ['{name} has come', '{name}已接入咨询'],
  consult_over: ['Nobody answered your question', '无人接受您的咨询'],
  contact_back: ['Reach at', '回访方式'],
  contacts: ['Contacts', '联系记录'],
  conversation: ['Conversation', '对话'],
  customer: ['Customer', '客户'],
  customer_search_hint: ['Search by name, number or e-mail', '按姓名、号码或邮箱搜索'],
  customer_wrote: ['A customer has written', '客户发来消息'],
  customers: ['Customers', '客户'],
  dark: ['Dark', '深色'],
  decline: ['Decline', '拒绝'],
  description: ['Description', '描述'],
  desk: ['Desk', '工作台'],
  disposition: ['What came of it', '处理结果'],
  disposition_hint: ['Choose or type', '选择或输入'],
  draft_kept: ['Draft kept', '草稿已保存'],
  due: ['Due', '到期'],
  due_in: ['due in {time}', '剩余 {time}'],
  earlier_contacts: ['Earlier contacts', '历史联系'],
  edit: ['Edit', '编辑'],
  edit_customer: ['Edit the customer', '编辑客户'],
  email: ['E-mail address', '邮箱'],
  end: ['End', '结束'],
  end_reason: ['How it ended', '结束原因'],
  escalate: ['Escalate', '升级'],
  fewer_filters: ['Fewer filters', '收起筛选'],
  filter: ['Filter', '筛选'],
  finish: ['Finish', '完成'],
  first_contact: ['First contact', '首次联系'],
  first_name: ['First name', '称呼'],
  flow: ['Flow', '流程'],
  flow_counts: ['The numbers are contacts that took each way.', '数字为经过各路径的联系数。'],
  flows: ['Flows', '流程'],
  for_you: ['for you', '指定给您'],
  from: ['From', '来自'],
  go_available: ['Go available', '示闲'],
  go_offline: ['Go offline', '下线'],
  go_on: ['Go on with it', '继续处理'],
  go_to: ['Go to', '前往'],
  hand_back: ['Give back to the bot', '交还机器人'],
  hand_back_hint: [
    'The bot goes on with all that it knew. Your wrap-up begins.',
    '机器人将带着已知信息继续服务，您进入话后处理。',
  ],
  handed_back: ['The bot has the customer again', '客户已交还机器人'],
  hang_up: ['Hang up', '挂断'],
  history: ['History', '历史'],
  hold: ['Hold', '保持'],
  how: ['How', '方式'],
  identities: ['Addresses', '联系方式'],
  in_line: ['In line: {count}', '排队中：{count}'],
  join_or_take: ['Listen, join or take over', '监听、介入或接管'],
  joined_barge: ['You join the conversation', '您正在加入通话'],
  joined_listen: ['You listen; nobody hears you', '您正在监听，对方听不到您'],
  joined_whisper: ['Only the agent hears you', '只有坐席能听到您'],
  keypad: ['Keypad', '拨号盘'],
  kind: ['Kind', '类型'],
  language: ['Language', '语言'],
  lasted: ['Lasted', '时长'],
  late_by: ['{time} late', '超时 {time}'],
  left_waiting: ['Left while waiting', '等待中放弃'],
  let_wait: ['Let it wait', '挂起'],
  light: ['Light', '浅色'],
  link_connected: ['Connected', '已连接'],
  link_connecting: ['Connecting', '连接中'],
  link_lost: ['Connection lost', '连接中断'],
  list: ['List', '列表'],
  listen: ['Listen', '监听'],
  live: ['Live contacts', '实时联系'],
  loading: ['Loading…', '加载中…'],
  log: ['Call log', '联系日志'],
  longest_wait: ['Longest wait', '最长等待'],
  look: ['Look', '视图'],
  lost: [
    'The connection is lost; it is being mended. What you type is kept.',
    '连接已中断，正在恢复。您输入的内容不会丢失。',
  ],
  me: ['Me', '我'],
  mean_wait: ['Mean wait', '平均等待'],
  menu: ['Menu', '菜单'],
  merge: ['Merge', '合并'],
  merge_hint: [
    'Everything of the customer that you choose moves to this one. It can be undone.',
    '所选客户的全部信息将移至此客户，可以撤销。',
  ],
  merge_reason: ['How do you know that the two are one?', '为何判断两者为同一客户？'],
  merge_title: ['Merge another customer into {name}', '将其他客户并入{name}'],
  merged: ['Merged', '已合并'],
  merged_from: ['Merged: {id}', '已并入：{id}'],
  messages_of_desk: ['Messages of the desk', '工作台消息'],
  mine: ['Mine', '我的'],
  more: ['More', '更多'],
  more_filters: ['More filters', '更多筛选'],
  mute: ['Mute', '静音'],
  my_work: ['My work', '我的工作'],
  name: ['Name', '姓名'],
  never_waited: ['It never waited for an agent.', '未曾排队等待坐席。'],
  new_customer: ['New customer', '新建客户'],
  new_ticket: ['New ticket', '新建工单'],
  newer: ['Newer', '较新'],
  no_messages: ['Nothing has been written yet', '暂无消息'],
  no_microphone: [
    'There is no microphone, or this page may not use it: you hear customers, and they do not hear you.',
    '没有麦克风或未获授权：您能听到客户，客户听不到您。',
  ],
  no_page: ['There is no such page', '页面不存在'],
  no_tickets: ['No tickets', '没有工单'],
  nobody: ['nobody', '无人'],
  nobody_here: ['Nobody waits and nobody talks', '当前无人等待或通话'],
  nobodys: ["Nobody's", '未分配'],
  not_at_work: ['You take no work just now', '您当前不接受任务'],
  not_known: ['Not a known customer', '未知客户'],
  not_responding_hint: [
    'An offer was not answered, or the desk was gone. Go available to get work again.',
    '您未应答任务或工作台曾断开。请示闲以继续接收任务。',
  ],
  note: ['Note', '备注'],
  note_for_bot: ['A note for the bot', '给机器人的备注'],
  note_hint: ['Write a note', '写备注'],
  note_kept: ['Note written', '备注已保存'],
  note_only_us: ['Customers do not see notes', '客户看不到备注'],
  note_save: ['Save note', '保存备注'],
  notes: ['Notes', '备注'],
  nothing_found: ['Nothing found', '没有找到'],
  nothing_understood: ['Nothing was understood', '未能理解'],
  now_available: ['You are available', '您已示闲'],
  now_break: ['You are on a break', '您已小休'],
  now_offline: ['You are offline', '您已下线'],
  number: ['Number', '号码'],
  offer_expired: ['You did not answer; it went back into line', '您未应答，任务已退回队列'],
  offer_of: ['New: {kind}', '新任务：{kind}'],
  offer_revoked: ['The offer was taken back', '任务已撤回'],
  older: ['Older', '较早'],
  on_hold: ['On hold', '保持中'],
  only_late: ['Only late ones', '仅超时'],
  open: ['Open', '打开'],
  open_ticket: ['Open the ticket', '创建工单'],
  open_tickets: ['Open tickets', '未结工单'],
  opened: ['Opened', '创建时间'],
  opted_in: ['Messages are allowed again', '已恢复消息接收'],
  opted_in_short: ['takes messages', '接收消息'],
  opted_out: ['No more messages go there', '已停止发送消息'],
  opted_out_short: ['opted out', '已拒收'],
  order: ['Order', '订单'],
  orders: ['Orders', '订单'],
  others: ['others', '其他'],
  other_reason: ['Another reason, then Enter', '其他原因，按回车'],
  outcome: ['Outcome', '结果'],
  overtime_sure: ['Work all the same (overtime)?', '仍要上线（加班）吗？'],
  owner: ['Owner', '专属坐席'],
  page_failed: ['This page has failed; everything else goes on.', '此页面出现错误，其他功能不受影响。'],
  pages: ['Pages', '页面'],
  palette_hint: ['What do you want to do?', '您想做什么？'],
  password: ['Password', '密码'],
  path: ['Passed the node', '经过的节点'],
  place: ['Where', '位置'],
  preferred_channel: ['Preferred channel', '偏好渠道'],
  preferred_hours: ['Preferred hours', '偏好时段'],
  presence: ['Presence', '状态'],
  priority: ['Priority', '优先级'],
  priority_short: ['P', 'P'],
  queue: ['Queue', '队列'],
  queues: ['Queues', '队列'],
  read_again: ['Read again', '重新读取'],
  reason: ['Reason', '事由'],
  reassign: ['Give to somebody else', '改派'],
  recording_failed: ['A part of the recording could not be kept.', '部分录音未能保存。'],
  recordings: ['Recordings', '录音'],
  remove_identity: ['Remove {value}', '移除 {value}'],
  remove_identity_sure: ['Remove {value} from this customer?', '确定从该客户移除 {value} 吗？'],
  reopen: ['Reopen', '重新打开'],
  requeue: ['Back in line', '退回队列'],
  resolution: ['How it was settled', '解决方案'],
  resolve: ['Resolve', '解决'],
  resume: ['Resume', '取回'],
  ringing_count: ['{count} ringing', '{count} 个振铃中'],
  rings: ['rings', '振铃'],
  same_address: ['same address:', '相同联系方式：'],
  save: ['Save', '保存'],
  saved: ['Saved', '已保存'],
  search: ['Search', '搜索'],
  search_customer: ['Search a customer', '搜索客户'],
  send: ['Send', '发送'],
  service_level: ['Service level', '服务水平'],
  session_lapsed: ['Your session has ended; sign in again. Your drafts are kept.', '会话已结束，请重新登录。草稿已保留。'],
  severity: ['Severity', '严重程度'],
  sign_in: ['Sign in', '登录'],
  sign_in_hint: [
    'The first start of the engine prints the administrator’s password.',
    '首次启动时，系统会显示管理员密码。',
  ],
  sign_in_title: ['Contact centre desk', '坐席工作台'],
  sign_out: ['Sign out', '退出登录'],
  sign_out_anyway: ['You still have {count}; sign out anyway', '您还有 {count} 项工作，仍要退出'],
  since: ['Since', '时长'],
  since_when: ['Since', '起始时间'],
  speaks_with: ['Speaks with', '对话方'],
  skills: ['Skills', '技能'],
  skip: ['Skip to the page', '跳到正文'],
  stale: ['Somebody else was quicker: it has changed since you read it.', '内容已被他人更改，请重新读取。'],
  state: ['State', '状态'],
  status: ['Status', '状态'],
  subject: ['Subject', '主题'],
  tag: ['Tag', '标签'],
  tags: ['Tags', '标签'],
  take: ['Take', '接入'],
  take_over: ['Take over', '接管'],
  taken_over: ['It is yours now', '已由您接管'],
  tape_off: ['Recording stopped', '录音已停止'],
  tape_on: ['Recording', '正在录音'],
  tape_pause: ['Pause recording', '暂停录音'],
  tape_paused: ['Recording paused', '录音已暂停'],
  tape_resume: ['Resume recording', '继续录音'],
  tape_start: ['Record', '录音'],
  target: ['wanted: {part} within {seconds} s', '目标：{seconds} 秒内 {part}'],
  the_day: ['The day', '今日走势'],
  ticket: ['Ticket', '工单'],
  ticket_joined: ['Joined the open ticket {number}', '已并入未结工单 {number}'],
  ticket_note_hint: ['Write a note on the ticket', '写工单备注'],
  ticket_opened: ['Ticket {number} opened', '已创建工单 {number}'],
  tickets: ['Tickets', '工单'],
  tier: ['Tier', '等级'],
  time_left: ['Time left', '剩余时间'],
  timeline: ['Timeline', '时间线'],
  to: ['To', '拨打'],
  to_whom: ['To whom', '对象'],
  token: ['Token', '令牌'],
  token_hint: ['contact-center tokens create NAME --agent E-MAIL makes one', '使用 contact-center tokens create 创建'],
  transfer: ['Transfer', '转接'],
  transferred_to: ['Transferred to {name}', '已转接至{name}'],
  trouble: ['Trouble', '故障'],
  undo: ['Undo', '撤销'],
  unexpected: ['Something went wrong', '出现错误'],
  unknown_customer: ['Unknown customer', '未知客户'],
  unmute: ['Unmute', '取消静音'],
  unreachable: ['The contact centre does not answer just now; nothing was done.', '服务器暂时没有响应，操作未执行。'],
  unread: ['{count} unread', '{count} 条未读'],
  until_when: ['Until', '截止时间'],
  usual: ['The usual one', '默认'],
  waited: ['waited {time}', '已等待 {time}'],
  waiting_count: ['{count} waiting', '{count} 人等待'],
  waiting_for_work: ['You are available. The next customer comes to you.', '您已示闲，下一位客户将分配给您。'],
  waiting_now: ['Waiting', '等待中'],
  wallboard: ['Wallboard', '监控大屏'],
  warm: ['After asking', '咨询后转接'],
  what_happens: ['What happens', '动态'],
  which: ['Which', '范围'],
  whisper: ['Whisper to the agent', '密语指导'],
  who: ['Who', '客户'],
  whose: ['Whose', '归属'],
  why: ['Why', '原因'],
  withheld: ['withheld number', '隐藏号码'],
  words_said: ['Words said or written', '对话内容'],
  work_in_hand: ['Work in hand', '手上工作'],
  wrap_up_hint: ['The conversation is over: write it up.', '对话已结束，请填写话后小结。'],
  write: ['Message to the customer', '给客户的消息'],
  write_hint: ['Write; Enter sends, Shift-Enter makes a new line', '输入消息，回车发送，Shift+回车换行'],
  wrong_password: ['E-mail address or password is wrong.', '邮箱或密码错误。'],
  wrong_token: ['This is not a valid token of an agent.', '这不是有效的坐席令牌。'],
  yesterday: ['Yesterday', '昨天'],
  you: ['You', '您'],
  ...CODES,
} as const satisfies Record<string, readonly [string, string]>

export type Key = keyof typeof TEXTS
export type Language = 'en' | 'zh'
type Values = Record<string, string | number>
export type Words = (key: Key, values?: Values) => string

/** All of them, for tests. */
export const KEYS = Object.keys(TEXTS) as Key[]

export function isKey(text: string): text is Key {
  return Object.hasOwn(TEXTS, text)
}

const KEPT = 'desk.language'
const watching = new Set<() => void>()
let language: Language = first()

function first(): Language {
  try {
    const kept = localStorage.getItem(KEPT)
    if (kept === 'en' || kept === 'zh') return kept
  } catch {
    // No store: as the browser is set.
  }
  return globalThis.navigator?.language?.startsWith('zh') ? 'zh' : 'en'
}

export function setLanguage(next: Language): void {
  language = next
  try {
    localStorage.setItem(KEPT, next)
  } catch {
    // Kept for this page only.
  }
  for (const each of watching) each()
}

export function useLanguage(): Language {
  return useSyncExternalStore(
    (each) => {
      watching.add(each)
      return () => watching.delete(each)
    },
    () => language,
  )
}

export function say(spoken: Language, key: Key, values: Values = {}): string {
  const text: string = TEXTS[key][spoken === 'zh' ? 1 : 0]
  return text.replace(/\{(\w+)\}/g, (found, name: string) => String(values[name] ?? found))
}

/** For code outside of components. */
export function words(): Words {
  return (key, values) => say(language, key, values)
}

export function useWords(): Words {
  const spoken = useLanguage()
  return useCallback((key, values) => say(spoken, key, values), [spoken])
}

/** `zh-CN` as people call it, in the desk's language. */
export function languageName(code: string, spoken: Language): string {
  if (!code) return ''
  try {
    return new Intl.DisplayNames([spoken === 'zh' ? 'zh-CN' : 'en'], { type: 'language' }).of(code) ?? code
  } catch {
    return code
  }
}
