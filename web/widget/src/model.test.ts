import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FromServer, Message, Standing } from './lines'
import { canPick, did, dropped, empty, heard, isRead, looked, retried, toSay, type Model } from './model'

const message = (n: number, more: Partial<Message> = {}): Message => ({
  type: 'message', place: `con_1:${n}`, id: `msg_${n}`, by: 'agent', text: String(n), at: '2026-03-02T02:00:00Z', ...more,
})

const standing = (phase: Standing['phase'], more: Partial<Standing> = {}): Standing => ({
  type: 'state', phase, agent: '', wants: '', options: [], sensitive: false, place: '', ...more,
})

const all = (lines: FromServer[], model: Model = empty, looking = true): Model =>
  lines.reduce((before, line) => heard(before, line, looking), model)

describe('messages', () => {
  test('a message that comes twice is shown once', () => {
    expect(all([message(1), message(2), message(1)]).messages.map((each) => each.id)).toEqual(['msg_1', 'msg_2'])
  })

  test('anew forgets what is shown, and not what is on its way', () => {
    const model = all([message(1), { type: 'anew' }], did(empty, { type: 'say', id: 'a', text: 'x' }, ''))
    expect(model.messages).toEqual([])
    expect(model.place).toBe('')
    expect(toSay(model).map((line) => line.id)).toEqual(['a'])
  })

  test('only what nobody has seen is unread', () => {
    const away = all([message(1), message(2, { by: 'visitor' }), message(3, { status: 'read' })], empty, false)
    expect(away.unread).toBe(1)
    expect(looked(away).unread).toBe(0)
    expect(all([message(1)]).unread).toBe(0)
  })

  test('a message of ours is read once an agent has written after it', () => {
    const model = all([message(1, { by: 'visitor' }), message(2, { by: 'bot' }), message(3, { by: 'visitor' }), message(4)])
    expect([0, 2].map((index) => isRead(model, index))).toEqual([true, true])
    expect(isRead(all([message(1, { by: 'visitor' }), message(2, { by: 'flow' })]), 0)).toBe(false)
  })
})

describe('what is on its way', () => {
  test('is done when it comes back, begins or ends', () => {
    let model = did(empty, { type: 'start', id: 's' }, '')
    model = heard(model, standing('none'), true)
    expect(toSay(model)).toHaveLength(1)
    model = heard(model, standing('flow'), true)
    expect(toSay(model)).toHaveLength(0)
    model = did(did(model, { type: 'say', id: 'a', text: 'x' }, ''), { type: 'end', id: 'e' }, '')
    model = heard(model, message(1, { by: 'visitor', line: 'a' }), true)
    expect(toSay(model).map((line) => line.id)).toEqual(['e'])
    expect(toSay(heard(model, standing('ended'), true))).toEqual([])
  })

  test('a refused message waits for the visitor to try again or drop it', () => {
    let model = did(empty, { type: 'say', id: 'a', text: 'x' }, '')
    model = heard(model, { type: 'refused', line: 'a', reason: 'too_many' }, true)
    expect(toSay(model)).toEqual([])
    expect(model.pending[0]?.refused).toBe('too_many')
    expect(toSay(retried(model, 'a')).map((line) => line.id)).toEqual(['a'])
    expect(dropped(model, 'a').pending).toEqual([])
  })

  test('buttons go while an answer is on its way', () => {
    const asked = all([standing('flow', { options: [{ value: '1', label: 'One' }] })])
    expect(canPick(asked)).toBe(true)
    expect(canPick(did(asked, { type: 'say', id: 'a', picked: '1' }, ''))).toBe(false)
  })
})

// A server that keeps what it takes once and in order, and a connection that may be cut at any line, both ways.
test('whatever is cut, every message is shown once, in the order of the server', () => {
  const step = fc.oneof(
    fc.constant('write' as const), fc.constant('agent' as const), fc.constant('deliver' as const),
    fc.constant('take' as const), fc.constant('cut' as const),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const log: Message[] = []
      const up: string[] = []
      const down: Message[] = []
      let model = empty
      let written = 0
      const keep = (line: string): void => {
        if (log.some((each) => each.line === line)) return
        log.push(message(log.length, { by: 'visitor', line }))
        down.push(log[log.length - 1]!)
      }
      const reconnect = (): void => {
        up.length = 0
        down.length = 0
        down.push(...log.slice(model.place ? Number(model.place.split(':')[1]) + 1 : 0))
        up.push(...toSay(model).map((line) => line.id))
      }
      for (const each of [...steps, 'cut' as const]) {
        if (each === 'write') {
          model = did(model, { type: 'say', id: `l${written}`, text: 'x' }, '')
          up.push(`l${written++}`)
        } else if (each === 'agent') {
          log.push(message(log.length))
          down.push(log[log.length - 1]!)
        } else if (each === 'deliver' && down.length) model = heard(model, down.shift()!, true)
        else if (each === 'take' && up.length) keep(up.shift()!)
        else if (each === 'cut') reconnect()
      }
      while (up.length) keep(up.shift()!)
      model = all(down.splice(0), model)
      expect(model.messages.map((each) => each.id)).toEqual(log.map((each) => each.id))
      expect(toSay(model)).toEqual([])
      expect(log.filter((each) => each.line)).toHaveLength(written)
    }),
  )
})
