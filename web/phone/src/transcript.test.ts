import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Item } from '../../shared/phone/messages'
import { noted, pressed, spoke, told, type Transcript } from './transcript'

const texts = (transcript: Transcript) => transcript.map((entry) => entry.note ?? entry.text)

describe('a transcript', () => {
  test('has what is said in its language, and sounds as notes', () => {
    const items: Item[] = [{ text: 'Hello', language: 'en-US' }, { pause: 1 }, { play: 'https://a/b.mp3' }, { music: true }]
    const transcript = told([], items)
    expect(texts(transcript)).toEqual(['Hello', 'sound', 'music'])
    expect(transcript[0]).toMatchObject({ by: 'them', language: 'en-US' })
  })

  test('has a loop once, and what is said again later twice', () => {
    const again = [{ text: 'Wait' }, { pause: 2 }, { text: 'Wait' }]
    expect(texts(told([], again))).toEqual(['Wait'])
    expect(texts(told(told([], again), again))).toEqual(['Wait', 'Wait'])
  })

  test('has keys that are pressed one after another in one line', () => {
    let transcript = pressed(pressed([], '1'), '2')
    expect(texts(transcript)).toEqual(['12'])
    transcript = pressed(told(transcript, [{ text: 'Thanks' }]), '#')
    expect(texts(transcript)).toEqual(['12', 'Thanks', '#'])
  })

  test('has the same note but once', () => {
    expect(texts(noted(noted([], 'hold'), 'hold'))).toEqual(['hold'])
    expect(texts(noted(noted(noted([], 'hold'), 'resumed'), 'hold'))).toEqual(['hold', 'resumed', 'hold'])
  })

  test('numbers its entries upwards and leaves older ones as they were', () => {
    const step = fc.constantFrom<(t: Transcript) => Transcript>(
      (t) => pressed(t, '1'), (t) => spoke(t, 'yes', 'en'), (t) => noted(t, 'music'), (t) => told(t, [{ text: 'a' }, { text: 'b' }]))
    fc.assert(fc.property(fc.array(step), (steps) => {
      let transcript: Transcript = []
      for (const each of steps) {
        const before = transcript
        transcript = each(before)
        expect(transcript.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1))
      }
      const ids = transcript.map((entry) => entry.id)
      expect(ids).toEqual(ids.map((_, at) => at + 1))
    }))
  })
})
