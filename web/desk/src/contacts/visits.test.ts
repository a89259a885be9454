import { expect, test } from 'vitest'
import { marksOf, onlyPassed, type Step, visitsOf, wayOf } from './visits'

const steps = (...told: [string, string, string][]): Step[] =>
  told.map(([flow, node, exit], index) => ({ turn: index, at: `2026-03-02T09:30:0${index}Z`, offset: index, flow, node, exit }))

const WAY = steps(
  ['main', 'greet', 'next'],
  ['main', 'menu', ''],
  ['main', 'menu', 'sales'],
  ['main', 'details', ''],
  ['inner', 'ask', ''],
  ['inner', 'ask', 'said'],
  ['main', 'details', 'next'],
  ['main', 'menu', 'on_failure'],
  ['main', 'person', ''],
)

test('waiting somewhere and leaving it is one visit, with a subflow between as well', () => {
  expect(visitsOf(WAY).map(({ number, flow, node, exit }) => [number, flow, node, exit])).toEqual([
    [1, 'main', 'greet', 'next'],
    [2, 'main', 'menu', 'sales'],
    [3, 'main', 'details', 'next'],
    [4, 'inner', 'ask', 'said'],
    [5, 'main', 'menu', 'on_failure'],
    [6, 'main', 'person', ''],
  ])
})

test('a node that is left and entered again is two visits', () => {
  expect(visitsOf(steps(['a', 'x', 'again'], ['a', 'x', 'again'])).length).toBe(2)
})

test('what was passed is marked with its numbers, in each flow by itself', () => {
  const visits = visitsOf(WAY)
  const main = marksOf(visits, 'main')
  expect(main.nodes.get('menu')).toEqual([2, 5])
  expect(main.ways.get(wayOf('menu', 'sales'))).toEqual([2])
  expect(main.targets.get(wayOf('menu', 'on_failure'))).toBe('person')
  expect(main.targets.get(wayOf('details', 'next'))).toBe('menu')
  expect([...marksOf(visits, 'inner').nodes]).toEqual([['ask', [4]]])
  expect(marksOf(visits, 'none').nodes.size).toBe(0)
})

test('only what was passed is left of a graph', () => {
  const node = (name: string) => ({ name, kind: 'say', group: 'say', text: '', ways: [] })
  const graph = { name: 'main', title: 'Main', start: 'greet', person: '', nodes: [node('greet'), node('other')] }
  expect(onlyPassed(graph, marksOf(visitsOf(WAY), 'main')).nodes.map((each) => each.name)).toEqual(['greet'])
})
