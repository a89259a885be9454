import { expect, test } from 'vitest'
import type { Timeline } from '../api/types'
import { pathOf } from './path'

const timeline = (...steps: [string, string, string][]) =>
  ({ entries: [{ seq: 1, at: '', kind: 'path', data: { steps } }, { seq: 2, at: '', kind: 'note', data: {} }] }) as unknown as Timeline

test('a flow is named where it changes, a way out where it tells something', () => {
  const shown = pathOf(timeline(['door', 'main', 'billing'], ['door', 'ask', 'next'], ['bot', 'talk', '']))
  expect(shown).toEqual(['door/main (billing)', 'ask', 'bot/talk'])
})

test('only the last six steps are shown', () => {
  const steps = Array.from({ length: 9 }, (_, n): [string, string, string] => ['f', `n${n}`, ''])
  expect(pathOf(timeline(...steps))).toEqual(['f/n3', 'n4', 'n5', 'n6', 'n7', 'n8'])
})
