// Elements from their parts. Text goes in as text only: nothing here, in the widget or in the phone page parses HTML.

type Child = Node | string | null | undefined | false

export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string | boolean | ((event: Event) => void)> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key, value)
    else if (value === true) element.setAttribute(key, '')
    else if (value !== false) element.setAttribute(key, value)
  }
  element.append(...children.filter((child): child is Node | string => !!child || child === ''))
  return element
}

const DRAWINGS = {
  chat: 'M4 4h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H9l-5 4V5a1 1 0 0 1 0-1z',
  close: 'M6 6l12 12M18 6L6 18',
  send: 'M3 11l18-8-8 18-2-8z',
  clip: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4L14 7.6',
  end: 'M9 4H5v16h4M14 8l4 4-4 4M18 12H9',
}

export function icon(name: keyof typeof DRAWINGS): SVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(space, 'path')
  path.setAttribute('d', DRAWINGS[name])
  svg.append(path)
  return svg
}

const ADDRESS = /https?:\/\/[^\s<>"'，。；）】]+[^\s<>"'，。；）】.,;:!?)\]]/g

/** A text with its web addresses as links, and its lines as they were written. */
export function linked(text: string): (Node | string)[] {
  const parts: (Node | string)[] = []
  let at = 0
  for (const found of text.matchAll(ADDRESS)) {
    parts.push(text.slice(at, found.index))
    parts.push(h('a', { href: found[0], target: '_blank', rel: 'noopener noreferrer nofollow' }, found[0]))
    at = found.index + found[0].length
  }
  return [...parts, text.slice(at)]
}
