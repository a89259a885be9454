import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AgentState, Offer, Work } from '../api/types'
import { connected, fold, NOTHING, type Notice, type Snapshot, take, view } from './desk'

const ME = 'agt_me'
const OTHER = 'agt_other'
const AT = '2026-03-02T09:00:00Z'

/** The engine, as far as it matters here: works that come and go, offers, and an agent's state. */
class Engine {
  works = new Map<string, Work>()
  offers = new Map<string, Offer>()
  version = 0
  count = 0
  notices: Notice[] = []

  snapshot(): Snapshot {
    return {
      agent_id: ME,
      state: this.state(),
      works: [...this.works.values()].filter((work) => work.agent_id === ME && work.state !== 'done'),
      offers: [...this.offers.values()].filter((offer) => offer.agent_id === ME && offer.state === 'pending'),
      consults: [...this.works.values()].filter(
        (work) => work.state !== 'done' && work.for_work && this.works.get(work.for_work)?.agent_id === ME,
      ),
    }
  }

  state(): AgentState {
    return { id: ME, version: this.version, presence: 'available', status: 'available' } as AgentState
  }

  changeState(): void {
    this.version += 1
    this.notices.push({ event: 'state', data: this.state() })
  }

  change(id: string, changes: Partial<Work>): Work {
    const before = this.works.get(id)
    const fresh = { id, kind: 'call', version: -1, queued_at: AT, agent_id: null, offer_id: null, for_work: null, muted: false, recording: '' } as unknown as Work
    const after = { ...(before ?? fresh), ...changes } as Work
    after.version += 1
    this.works.set(id, after)
    const asker = after.for_work ? this.works.get(after.for_work)?.agent_id : null
    if ([before?.agent_id, after.agent_id, asker].includes(ME)) this.notices.push({ event: 'work', data: after })
    return after
  }

  act(what: number, pick: number): void {
    const id = `wrk_${pick % 4}`
    const work = this.works.get(id)
    const held = work && work.state !== 'done' ? work : undefined
    const offer = [...this.offers.values()].find((one) => one.work_id === id && one.state === 'pending')
    const consult = [...this.works.values()].find((one) => one.for_work === id && one.state !== 'done')
    switch (what % 9) {
      case 0:
        return this.changeState()
      case 1: {
        if (held && held.state !== 'waiting') return
        const agent = pick % 8 < 4 ? ME : OTHER
        const made = { id: `ofr_${++this.count}`, work_id: id, agent_id: agent, state: 'pending' } as Offer
        this.offers.set(made.id, made)
        const offered = this.change(id, { state: 'offered', agent_id: agent, offer_id: made.id })
        if (agent === ME) this.notices.push({ event: 'offer', data: { offer: made, work: offered } })
        return
      }
      case 2:
      case 3: {
        if (!offer) return
        this.offers.set(offer.id, { ...offer, state: what % 9 === 2 ? 'accepted' : 'declined' })
        if (what % 9 === 2) this.change(id, { state: 'active' })
        else this.change(id, { state: 'waiting', agent_id: null, offer_id: null })
        if (offer.agent_id === ME) {
          const data = { offer_id: offer.id, work_id: id, reason: what % 9 === 2 ? 'accepted' : 'declined' }
          this.notices.push({ event: 'offer_over', data })
        }
        return
      }
      case 4:
        if (held?.state !== 'active') return
        if (consult) this.change(consult.id, { state: 'done' })
        this.change(id, { agent_id: held.agent_id === ME ? OTHER : ME, muted: false })
        return
      case 5:
        if (held?.state !== 'active') return
        if (consult) this.change(consult.id, { state: 'done' })
        this.change(id, { state: 'done', muted: false, recording: '' })
        return
      case 6:
        if (held?.state === 'active') this.change(id, pick % 8 < 4 ? { muted: !held.muted } : { recording: held.recording === 'on' ? 'paused' : 'on' })
        return
      case 7:
        if (held?.state === 'active' && !consult) this.change(`con_${++this.count}`, { kind: 'consult', for_work: id, state: 'waiting' })
        return
      default: {
        if (!consult) return
        const other = held?.agent_id === ME ? OTHER : ME
        if (consult.state === 'waiting') this.change(consult.id, { state: 'active', agent_id: other })
        else this.change(consult.id, { state: 'done' })
        return
      }
    }
  }
}

const actions = fc.array(fc.tuple(fc.nat(8), fc.nat(7)), { maxLength: 60 })
const sorted = (snapshot: Snapshot) => view(fold(NOTHING, { event: 'hello', data: snapshot }))

describe('the snapshot law', () => {
  test('an old snapshot and the notices since are a fresh snapshot', () => {
    fc.assert(
      fc.property(actions, actions, (before, after) => {
        const engine = new Engine()
        for (const [what, pick] of before) engine.act(what, pick)
        let desk = fold(NOTHING, { event: 'hello', data: engine.snapshot() })
        engine.notices = []
        for (const [what, pick] of after) engine.act(what, pick)
        for (const notice of engine.notices) desk = fold(desk, notice)
        expect(view(desk)).toEqual(sorted(engine.snapshot()))
      }),
    )
  })

  test('and so they are where any earlier notice, or answer of the API, comes late and again', () => {
    const late = fc.array(fc.array(fc.nat(200), { maxLength: 4 }), { maxLength: 80 })
    fc.assert(
      fc.property(actions, actions, late, (before, after, again) => {
        const engine = new Engine()
        for (const [what, pick] of before) engine.act(what, pick)
        const earlier = [...engine.notices]
        let desk = fold(NOTHING, { event: 'hello', data: engine.snapshot() })
        for (const notice of earlier) desk = fold(desk, notice)
        engine.notices = []
        for (const [what, pick] of after) engine.act(what, pick)
        engine.notices.forEach((notice, n) => {
          earlier.push(notice)
          desk = fold(desk, notice)
          for (const which of again[n] ?? []) desk = fold(desk, earlier[which % earlier.length]!)
        })
        expect(view(desk)).toEqual(sorted(engine.snapshot()))
      }),
      { numRuns: 400 },
    )
  })

  test('a snapshot in the middle replaces what was known', () => {
    fc.assert(
      fc.property(actions, actions, (missed, after) => {
        const engine = new Engine()
        let desk = fold(NOTHING, { event: 'hello', data: engine.snapshot() })
        for (const [what, pick] of missed) engine.act(what, pick)
        desk = fold(connected(desk), { event: 'hello', data: engine.snapshot() })
        engine.notices = []
        for (const [what, pick] of after) engine.act(what, pick)
        for (const notice of engine.notices) desk = fold(desk, notice)
        expect(view(desk)).toEqual(sorted(engine.snapshot()))
      }),
    )
  })
})

describe('one by one', () => {
  const work = (version: number, changes: Partial<Work>) =>
    ({ id: 'w', version, agent_id: ME, state: 'offered', offer_id: 'o1', ...changes }) as Work
  const offer = (id: string) => ({ id, work_id: 'w', agent_id: ME, state: 'pending' }) as Offer
  const snapshot = { ...new Engine().snapshot(), works: [work(1, {})], offers: [offer('o1')] }
  const asked = fold(NOTHING, { event: 'hello', data: snapshot })

  test('who accepts sees no offer any more, before its end is told', () => {
    const answered = fold(asked, { event: 'work', data: work(2, { state: 'active' }) })
    expect(answered.offers).toEqual({})
  })

  test('an earlier offer of the same work, told again, does not replace the present one', () => {
    const again = fold(asked, { event: 'offer', data: { offer: offer('o2'), work: work(3, { offer_id: 'o2' }) } })
    const late = fold(again, { event: 'offer', data: { offer: offer('o1'), work: work(1, {}) } })
    expect(late.offers['w']?.id).toBe('o2')
  })

  test('work that a snapshot no longer has does not come back by a late notice', () => {
    const empty = fold(asked, { event: 'hello', data: new Engine().snapshot() })
    expect(fold(empty, { event: 'work', data: work(1, {}) }).works).toEqual({})
  })

  test('work that comes back, comes back', () => {
    const gone = fold(asked, { event: 'work', data: work(2, { agent_id: OTHER }) })
    expect(Object.keys(fold(gone, { event: 'work', data: work(3, { state: 'active' }) }).works)).toEqual(['w'])
  })
})

describe('numbers', () => {
  const hello = { event: 'hello', data: new Engine().snapshot(), n: 0 } as const
  const state = (n: number) => ({ event: 'state', data: { id: ME, version: n } as AgentState, n }) as const

  test('a gap is noticed, and mended by a snapshot', () => {
    const gap = take(take(NOTHING, hello), state(2))
    expect(gap.behind).toBe(true)
    expect(take(gap, { ...hello, n: 3 }).behind).toBe(false)
  })

  test('no gap where each follows the other', () => {
    expect(take(take(take(NOTHING, hello), state(1)), state(2)).behind).toBe(false)
  })
})
