// Everything the widget says, in each language.

const en = {
  open: 'Open chat', openNew: (n: number) => `Open chat, ${n} new ${n === 1 ? 'message' : 'messages'}`,
  close: 'Close chat', title: 'Chat with us', chat: 'Chat', log: 'Messages',
  connecting: 'Connecting…', lost: 'Connection lost. Trying again…', offline: 'You are offline. We go on when you are back.',
  waiting: 'Waiting for somebody to help you', talking: (name: string) => `You are talking with ${name || 'an agent'}`,
  assistant: 'Automatic assistant', ended: 'This conversation has ended.', again: 'Start a new conversation',
  end: 'End chat', endSure: 'End this conversation?', yesEnd: 'End it', no: 'Go back',
  write: 'Write a message', send: 'Send', attach: 'Attach a file', remove: (name: string) => `Remove ${name}`,
  you: 'You', bot: 'Assistant', agent: 'Agent', system: 'Notice', typing: (name: string) => `${name || 'The agent'} is typing…`,
  choose: 'Choose an answer', sending: 'Sending', sent: 'Sent', read: 'Read', notSent: 'Not sent.', retry: 'Try again', drop: 'Delete',
  tooMany: 'Too many messages at once. Wait a moment.', failed: 'Something went wrong here.', refusedHere: 'The chat cannot be used here just now.',
  begin: 'Start chat', formTitle: 'Before we begin', name: 'Name', email: 'E-mail', phone: 'Telephone', subject: 'What is it about?',
  optional: '(optional)', needed: 'Please fill this in.', badEmail: 'Write it as in name@example.com.',
  uploading: (name: string) => `Uploading ${name}`, fileSize: (most: string) => `is too large: at most ${most}`,
  fileType: 'cannot be sent: this kind of file is not allowed', fileContent: 'is not what its name says', fileFailed: 'could not be sent',
  fileMany: 'Too many files at once.', save: (name: string, size: string) => `Save ${name}, ${size}`,
}

const zh: typeof en = {
  open: '打开聊天', openNew: (n) => `打开聊天，有${n}条新消息`,
  close: '关闭聊天', title: '在线咨询', chat: '聊天', log: '消息',
  connecting: '正在连接…', lost: '连接已断开，正在重试…', offline: '您已离线，恢复网络后将继续。',
  waiting: '正在等待客服接入', talking: (name) => `正在与${name || '客服'}对话`,
  assistant: '智能助手', ended: '本次会话已结束。', again: '开始新的会话',
  end: '结束会话', endSure: '确定结束本次会话吗？', yesEnd: '结束', no: '返回',
  write: '输入消息', send: '发送', attach: '添加文件', remove: (name) => `移除${name}`,
  you: '您', bot: '智能助手', agent: '客服', system: '通知', typing: (name) => `${name || '客服'}正在输入…`,
  choose: '请选择', sending: '发送中', sent: '已发送', read: '已读', notSent: '未发送。', retry: '重试', drop: '删除',
  tooMany: '消息过于频繁，请稍候。', failed: '系统出现问题。', refusedHere: '此处暂时无法使用聊天。',
  begin: '开始聊天', formTitle: '开始之前', name: '姓名', email: '电子邮箱', phone: '电话', subject: '咨询内容',
  optional: '（选填）', needed: '请填写此项。', badEmail: '格式应为 name@example.com。',
  uploading: (name) => `正在上传${name}`, fileSize: (most) => `文件过大，最大${most}`,
  fileType: '不支持发送此类文件', fileContent: '文件内容与类型不符', fileFailed: '发送失败',
  fileMany: '一次发送的文件过多。', save: (name, size) => `保存${name}，${size}`,
}

export type Words = typeof en
export type Language = 'en' | 'zh'

export function wordsOf(language: Language): Words {
  return language === 'zh' ? zh : en
}

/** The widget's language for a tag such as zh-CN. */
export function languageOf(...tags: (string | null | undefined)[]): Language {
  const tag = tags.find((each) => each)
  return tag?.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}
