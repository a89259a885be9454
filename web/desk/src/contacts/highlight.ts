// The words that were searched for, in a text: as the log reads them, so that what it found is what is marked.

export interface Part {
  text: string
  hit: boolean
}

const CHINESE = /[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]/
const WORD = /[\p{L}\p{N}]+/gu

/** Small letters of the usual width, with where each stood. */
function formOf(text: string): { form: string; places: number[] } {
  let form = ''
  const places: number[] = []
  let at = 0
  for (const character of text) {
    const small = character.normalize('NFKC').toLowerCase()
    form += small
    for (let i = 0; i < small.length; i++) places.push(at)
    at += character.length
  }
  places.push(at)
  return { form, places }
}

/** Runs of Chinese and other words, each by itself. */
function wordsOf(text: string): string[] {
  return [...formOf(text).form.matchAll(WORD)].flatMap(([word]) => word.split(/(?<=[\u2e80-\uffdc])(?=[^\u2e80-\uffdc])|(?<=[^\u2e80-\uffdc])(?=[\u2e80-\uffdc])/))
}

export function markedParts(text: string, query: string): Part[] {
  const words = wordsOf(query)
  if (words.length === 0 || !text) return [{ text, hit: false }]
  const { form, places } = formOf(text)
  const hits = new Array<boolean>(text.length).fill(false)
  const open = !/["“”„«»「」]\s*$/.test(query)
  words.forEach((word, index) => {
    for (const [from, to] of found(form, word, open && index === words.length - 1)) hits.fill(true, places[from], places[to])
  })
  const parts: Part[] = []
  for (let at = 0; at < text.length; at++) {
    const last = parts.at(-1)
    if (last && last.hit === hits[at]) last.text += text[at]
    else parts.push({ text: text[at]!, hit: hits[at]! })
  }
  return parts
}

/** `begins`: the word may be the beginning of one. Of Chinese that is not there as a whole, its pairs are. */
function found(form: string, word: string, begins: boolean): [number, number][] {
  if (CHINESE.test(word)) {
    const whole = everywhere(form, word)
    if (whole.length > 0 || word.length < 3) return whole
    return Array.from({ length: word.length - 1 }, (_, i) => word.slice(i, i + 2)).flatMap((pair) => everywhere(form, pair))
  }
  const inside = (at: number) => at >= 0 && at < form.length && /[\p{L}\p{N}]/u.test(form[at]!) && !CHINESE.test(form[at]!)
  return everywhere(form, word).filter(([from, to]) => !inside(from - 1) && (begins || !inside(to)))
}

function everywhere(form: string, word: string): [number, number][] {
  const all: [number, number][] = []
  for (let at = form.indexOf(word); at >= 0; at = form.indexOf(word, at + word.length)) all.push([at, at + word.length])
  return all
}
