// Canned replies with variables: those that come with the desk, and those that an agent keeps in this browser.

export interface Reply {
  name: string
  text: { en?: string; zh?: string }
}

export type Values = Record<'name' | 'agent' | 'order' | 'ticket', string>

const KEY = 'desk.replies'

const SHIPPED: Reply[] = [
  {
    name: 'hello',
    text: {
      en: 'Hello {name}, this is {agent}. How can I help you?',
      zh: '{name}您好，我是客服{agent}，请问有什么可以帮您？',
    },
  },
  {
    name: 'moment',
    text: { en: 'One moment please, I am looking into it.', zh: '请稍等，我正在为您查询。' },
  },
  {
    name: 'order',
    text: { en: 'I have your order {order} in front of me.', zh: '我已经看到您的订单{order}。' },
  },
  {
    name: 'ticket',
    text: {
      en: 'I have noted it under ticket {ticket}; please keep the number.',
      zh: '已为您登记，工单号为{ticket}，请您保留。',
    },
  },
  {
    name: 'sorry',
    text: { en: 'I am sorry about the trouble. Let me put it right.', zh: '非常抱歉给您带来不便，我马上为您处理。' },
  },
  {
    name: 'more',
    text: { en: 'Is there anything else I can do for you?', zh: '请问还有其他可以帮您的吗？' },
  },
  {
    name: 'bye',
    text: { en: 'Thank you for writing, {name}. Have a nice day!', zh: '感谢您的联系，祝您生活愉快！' },
  },
]

/** Variables filled in; one that is not known goes, with the space before it. */
export function fill(text: string, values: Partial<Values>): string {
  return text
    .replace(/ ?\{(\w+)\}/g, (found, name: string) => {
      const value = values[name as keyof Values]
      return value ? found.replace(`{${name}}`, value) : ''
    })
    .replace(/^[，,、\s]+/, '')
}

/** The other way round: what is known becomes a variable again. */
export function unfill(text: string, values: Partial<Values>): string {
  let found = text
  for (const [name, value] of Object.entries(values)) {
    if (value && value.length > 1) found = found.replaceAll(value, `{${name}}`)
  }
  return found
}

export function cannedReplies(): Reply[] {
  try {
    const own = JSON.parse(localStorage.getItem(KEY) ?? '[]') as Reply[]
    return [...own, ...SHIPPED.filter((shipped) => !own.some((each) => each.name === shipped.name))]
  } catch {
    return SHIPPED
  }
}

export function saveReply(name: string, text: string, language: 'en' | 'zh', values: Partial<Values>): Reply[] {
  const own = cannedReplies().filter((each) => !SHIPPED.includes(each) && each.name !== name)
  own.unshift({ name, text: { [language]: unfill(text, values) } })
  try {
    localStorage.setItem(KEY, JSON.stringify(own))
  } catch {
    // A full or forbidden store.
  }
  return cannedReplies()
}
