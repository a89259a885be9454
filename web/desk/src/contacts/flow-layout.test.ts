import { expect, test } from 'vitest'
import { drawingOf, HEAD, thickness, WIDTH } from './flow-layout'
import { type Graph, marksOf, NO_MARKS, visitsOf, wayOf } from './visits'

const node = (name: string, ...ways: [string, string][]) => ({
  name,
  kind: 'menu',
  group: 'ask',
  text: '',
  ways: ways.map(([exit, target]) => ({ exits: [exit], label: exit, target })),
})
const GRAPH: Graph = {
  name: 'main',
  title: 'Main',
  start: 'a',
  person: 'p',
  nodes: [
    node('a', ['1', 'b'], ['2', 'c'], ['3', '@end']),
    node('b', ['next', 'p'], ['back', 'a']),
    node('c', ['next', 'p']),
    node('p', ['done', '@end']),
  ],
}
const way = (...told: [string, string][]) =>
  visitsOf(told.map(([name, exit], turn) => ({ turn, at: '', offset: turn, flow: 'main', node: name, exit })))

test('cards stand apart, from left to right, and no line leaves the drawing', () => {
  const { cards, lines, width, height } = drawingOf(GRAPH, NO_MARKS, new Map())
  const [a, b, c, p] = cards
  expect(a!.x < b!.x && b!.x < p!.x).toBe(true)
  expect(Math.abs(b!.y - c!.y)).toBeGreaterThanOrEqual(HEAD)
  for (const card of cards) {
    expect(card.x >= 0 && card.y >= 0 && card.x + WIDTH <= width && card.y + card.height <= height).toBe(true)
  }
  expect(lines.map((line) => `${line.from}>${line.to}`).sort()).toEqual(['a>b', 'a>c', 'b>p', 'c>p'])
})

test('a way back is drawn only where it was taken', () => {
  const marks = marksOf(way(['a', '1'], ['b', 'back'], ['a', '2'], ['c', 'next'], ['p', '']), 'main')
  const { lines, cards } = drawingOf(GRAPH, marks, new Map())
  expect(lines.find((line) => line.from === 'b' && line.to === 'a')?.taken).toEqual([2])
  expect(cards[0]!.visits).toEqual([1, 3])
  expect(lines.every((line) => !/NaN|undefined/.test(line.path))).toBe(true)
})

test('an exit that is not drawn otherwise is added where it was taken', () => {
  const marks = marksOf(way(['a', 'on_failure'], ['p', '']), 'main')
  const added = drawingOf(GRAPH, marks, new Map()).cards[0]!.rows.at(-1)!
  expect([added.label, added.target, added.taken, added.drawn]).toEqual(['on_failure', 'p', [1], true])
})

test('counts are summed over the exits of a row', () => {
  const graph = { ...GRAPH, nodes: GRAPH.nodes.map((each) => (each.name === 'c' ? { ...each, ways: [{ exits: ['x', 'y'], label: 'x / y', target: 'p' }] } : each)) }
  const counts = new Map([[wayOf('c', 'x'), 2], [wayOf('c', 'y'), 5]])
  expect(drawingOf(graph, NO_MARKS, counts).lines.find((line) => line.from === 'c')?.count).toBe(7)
})

test('of many ways to one node only the first is drawn, and every node has its place', () => {
  const many = { ...GRAPH, start: 'n0', nodes: [...Array.from({ length: 9 }, (_, i) => node(`n${i}`, ['next', `n${i + 1}`], ['help', 'p'])), node('n9'), node('p')] }
  const { lines, cards } = drawingOf(many, NO_MARKS, new Map())
  expect(lines.filter((line) => line.to === 'p').length).toBe(1)
  expect(cards.every((card) => Number.isFinite(card.x) && Number.isFinite(card.y))).toBe(true)
})

test('names that are no plain words do not mix anything up', () => {
  const odd = { ...GRAPH, start: '__proto__', nodes: [node('__proto__', ['constructor', '<b>']), node('<b>')] }
  expect(drawingOf(odd, NO_MARKS, new Map()).lines.length).toBe(1)
})

test.each([
  [0, 10, 1.5],
  [10, 10, 8],
  [0, 0, 1.5],
])('%i of %i is %f wide', (count, most, width) => expect(thickness(count, most)).toBe(width))
