// The desk's icons: strokes in a box of 24, drawn in the colour of the text around them.
const SHAPES = {
  phone: 'M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 6a2 2 0 0 1 2-2',
  phoneOff: 'M3 21 21 3M6 5.5 9 4l2 5-2.5 1.5M14 16.5l1-3.5 5 2v4a2 2 0 0 1-2 2 15 15 0 0 1-7-2.2',
  pause: 'M7 5h3v14H7zM14 5h3v14h-3z',
  play: 'M7 4v16l13-8z',
  micOff: 'M3 3l18 18M9 5a3 3 0 0 1 6 0v5M9 9v1a3 3 0 0 0 4.6 2.5M5 10a7 7 0 0 0 10.8 5.9M19 10a7 7 0 0 1-.6 2.8M12 17v4M8 21h8',
  mic: 'M9 5a3 3 0 0 1 6 0v5a3 3 0 0 1-6 0zM5 10a7 7 0 0 0 14 0M12 17v4M8 21h8',
  keypad: 'M6 5h.01M12 5h.01M18 5h.01M6 12h.01M12 12h.01M18 12h.01M6 19h.01M12 19h.01M18 19h.01',
  transfer: 'M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4',
  users: 'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8M3 21v-2a4 4 0 0 1 4-4h4a4 4 0 0 1 4 4v2M16 3.1a4 4 0 0 1 0 7.8M21 21v-2a4 4 0 0 0-3-3.8',
  user: 'M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8M6 21v-2a4 4 0 0 1 4-4h4a4 4 0 0 1 4 4v2',
  record: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6',
  chat: 'M4 20l1.3-4A8 8 0 1 1 8 19z',
  text: 'M4 5h16v12H9l-5 4zM8 9h8M8 13h5',
  ticket: 'M4 5h16a1 1 0 0 1 1 1v4a2 2 0 0 0 0 4v4a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-4a2 2 0 0 0 0-4V6a1 1 0 0 1 1-1M15 5v2M15 11v2M15 17v2',
  callback: 'M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 6a2 2 0 0 1 2-2M15 9l5-5M15 4.5V9h4.5',
  bot: 'M6 8h12a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1M12 8V4M9 13h.01M15 13h.01M9 16h6',
  desk: 'M4 14v-2a8 8 0 0 1 16 0v2M4 14a2 2 0 0 1 2-2h1v6H6a2 2 0 0 1-2-2zM20 14a2 2 0 0 0-2-2h-1v6h1a2 2 0 0 0 2-2zM20 17v1a3 3 0 0 1-3 3h-4',
  board: 'M4 4h6v8H4zM4 16h6v4H4zM14 12h6v8h-6zM14 4h6v4h-6z',
  log: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  flow: 'M4 4h6v4H4zM14 16h6v4h-6zM7 8v6a4 4 0 0 0 4 4h3M17 16V9a2 2 0 0 0-2-2h-5',
  live: 'M3 12h4l3-8 4 16 3-8h4',
  search: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14M21 21l-6-6',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M3 12h1M12 3v1M20 12h1M12 20v1M5.6 5.6l.7.7M18.4 5.6l-.7.7M17.7 17.7l.7.7M6.3 17.7l-.7.7',
  moon: 'M12 3a6 6 0 0 0 9 7.5A9 9 0 1 1 12 3',
  language: 'M4 5h7M7 4c0 4.8-1.6 8-4 9M5 9c0 2.1 2.5 3.8 6 4M12 20l4-9 4 9M13.3 17h5.4',
  logout: 'M14 8V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h6a2 2 0 0 0 2-2v-2M9 12h12M18 9l3 3-3 3',
  check: 'M5 12l5 5L20 7',
  checks: 'M2 12l5 5L17 7M12 16l1 1L22 8',
  close: 'M6 6l12 12M18 6L6 18',
  alert: 'M12 4 3 19.5h18zM12 10v4M12 16.5v.01',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l3 2',
  star: 'M12 17.8 5.8 21l1.2-6.9L2 9.2l6.9-1L12 2l3.1 6.2 6.9 1-5 4.9 1.2 6.9z',
  up: 'M12 5v14M6 11l6-6 6 6',
  down: 'M6 9l6 6 6-6',
  right: 'M9 6l6 6-6 6',
  left: 'M15 6l-6 6 6 6',
  plus: 'M12 5v14M5 12h14',
  pencil: 'M4 20h4L18.5 9.5a2.8 2.8 0 0 0-4-4L4 16zM13.5 6.5l4 4',
  send: 'M10 14 21 3M21 3l-6.5 18a.55.55 0 0 1-1 0L10 14l-7-3.5a.55.55 0 0 1 0-1z',
  ear: 'M6 10a7 7 0 1 1 13 3.6c-1.4 1.9-3 2.4-3.4 4.4a4 4 0 0 1-7.4 1.7M10 13a2 2 0 0 1-1-2 3 3 0 1 1 6 0c0 1.500-1 2-1.500 2.800',
  whisper: 'M8 9h8M8 13h5M4 4h16v13H9l-5 4z',
  cart: 'M6 19a2 2 0 1 0 0 .01M17 19a2 2 0 1 0 0 .01M17 17H6V3H4M6 5l14 1-1 7H6',
  dots: 'M5 12h.01M12 12h.01M19 12h.01',
  bolt: 'M13 3v7h6l-8 11v-7H5z',
  merge: 'M7 21V8M17 21V8M7 12h6a4 4 0 0 0 4-4M4 6l3-3 3 3M14 6l3-3 3 3',
  back10: 'M11 7l-4-4M7 3v5h5M7.5 5.5A8 8 0 1 1 4 12',
  forward10: 'M13 7l4-4M17 3v5h-5M16.5 5.5A8 8 0 1 0 20 12',
  minus: 'M5 12h14',
  fit: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  link: 'M9 15l6-6M11 6l1-1a4.5 4.5 0 0 1 6.5 6.5l-1 1M13 18l-1 1a4.5 4.5 0 0 1-6.5-6.5l1-1',
  download: 'M4 17v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-2M7 11l5 5 5-5M12 4v12',
  bell: 'M10 5a2 2 0 1 1 4 0 7 7 0 0 1 4 6v3a4 4 0 0 0 2 3H4a4 4 0 0 0 2-3v-3a7 7 0 0 1 4-6M9 17v1a3 3 0 0 0 6 0v-1',
} as const

export type IconName = keyof typeof SHAPES

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'keypad' || name === 'dots' ? 3 : 1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      style={{ flexShrink: 0 }}
    >
      <path d={SHAPES[name]} />
    </svg>
  )
}

/** The icon of a kind of work, or of a channel. */
export function kindIcon(kind: string): IconName {
  const known: Record<string, IconName> = {
    call: 'phone',
    phone: 'phone',
    console: 'phone',
    chat: 'chat',
    web: 'chat',
    console_chat: 'chat',
    text: 'text',
    sms: 'text',
    whatsapp: 'text',
    ticket: 'ticket',
    callback: 'callback',
    consult: 'users',
  }
  return known[kind] ?? 'desk'
}
