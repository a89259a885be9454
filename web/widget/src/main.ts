// <script src="https://ENGINE/chat/widget.js" defer data-…></script>: one chat on the page. See docs/webchat.md.

import { readSettings } from './settings'
import { View } from './view'

declare global {
  interface Window {
    ContactCenterChat?: { open(): void; close(): void; setToken(token: string): void }
  }
}

const script = document.currentScript

function show(tag: HTMLScriptElement): void {
  if (window.ContactCenterChat) return // the tag is there twice
  const view = new View(readSettings(tag.src, { ...tag.dataset }, document.documentElement.lang))
  window.ContactCenterChat = {
    open: () => view.open(),
    close: () => view.close(),
    setToken: (token) => view.setToken(token),
  }
  view.show()
}

if (script instanceof HTMLScriptElement && script.src) {
  if (document.body) show(script)
  else document.addEventListener('DOMContentLoaded', () => show(script))
}
