// The transcript on the page. It is read out by screen readers unless the telephone reads it aloud itself.
import { h } from '../../shared/dom'
import type { Entry, Transcript } from './transcript'
import { type Language, TAGS, type Words } from './words'

export class Log {
  readonly element: HTMLElement
  private shown: Transcript = []

  constructor(
    private readonly words: Words,
    private readonly language: Language,
  ) {
    this.element = h('div', { class: 'log', role: 'log', 'aria-labelledby': 'conversation', tabindex: '0' })
    this.element.append(h('p', { class: 'empty' }, words.empty))
    // What is asked for takes room of it, and the last words are the ones that count.
    new ResizeObserver(() => (this.element.scrollTop = this.element.scrollHeight)).observe(this.element)
  }

  refresh(transcript: Transcript, aloud: boolean): void {
    this.element.setAttribute('aria-live', aloud ? 'off' : 'polite')
    if (transcript === this.shown) return
    let same = 0
    while (same < transcript.length && transcript[same] === this.shown[same]) same++
    if (this.shown.length === 0) this.element.replaceChildren()
    while (this.element.children.length > same) this.element.lastElementChild?.remove()
    this.element.append(...transcript.slice(same).map((entry) => this.drawn(entry)))
    if (transcript.length === 0) this.element.append(h('p', { class: 'empty' }, this.words.empty))
    this.shown = transcript
    this.element.scrollTop = this.element.scrollHeight
  }

  private drawn(entry: Entry): HTMLElement {
    const { words } = this
    if (entry.note) return h('p', { class: 'note' }, words.note[entry.note])
    const who = entry.by === 'them' ? words.them : entry.keys ? words.pressed : words.you
    return h('p', { class: `line ${entry.by}` }, h('span', { class: entry.keys ? '' : 'sr' }, `${who} `),
      h('span', { lang: entry.language || TAGS[this.language], class: entry.keys ? 'keys' : '' }, entry.text))
  }
}
