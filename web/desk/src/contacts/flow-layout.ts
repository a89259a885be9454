// Where the cards and lines of a drawn flow go: rows for the ways out, and dagre for the places.
import { Graph as Dagre, layout } from '@dagrejs/dagre'
import { type Graph, type Marks, wayOf } from './visits'

export const WIDTH = 224
export const HEAD = 34
export const TEXT = 40
export const ROW = 24
const FOOT = 6
const MARGIN = 16
/** To a node to which more lead, only the first line is drawn, and those that were taken; the others are named. */
const BUSY = 4

export interface Row {
  key: string
  exits: string[]
  label: string
  /** A node of the flow, `@end`, or '' for back to the flow around it. */
  target: string
  /** Numbers of the visits that left by it. */
  taken: number[]
  count: number
  drawn: boolean
}

export interface Card {
  name: string
  kind: string
  group: string
  text: string
  start: boolean
  visits: number[]
  rows: Row[]
  x: number
  y: number
  height: number
}

export interface Line {
  key: string
  from: string
  to: string
  path: string
  taken: number[]
  count: number
}

export interface Drawing {
  cards: Card[]
  lines: Line[]
  width: number
  height: number
}

export type Counts = ReadonlyMap<string, number>

/** `counts`: how many took each way, by `wayOf`. */
export function drawingOf(graph: Graph, marks: Marks, counts: Counts): Drawing {
  const cards = cardsOf(graph, marks, counts)
  chooseLines(graph, cards)
  const dagre = new Dagre({ multigraph: true })
  dagre.setGraph({ rankdir: 'LR', nodesep: 22, ranksep: 76, marginx: MARGIN, marginy: MARGIN })
  dagre.setDefaultEdgeLabel(() => ({}))
  for (const card of cards) dagre.setNode(card.name, { width: WIDTH, height: card.height })
  const drawn = cards.flatMap((card) => card.rows.filter((row) => row.drawn).map((row) => ({ card, row })))
  for (const { card, row } of drawn) {
    dagre.setEdge(card.name, row.target, { weight: row.taken.length > 0 ? 6 : 1 }, row.key)
  }
  layout(dagre)
  for (const card of cards) {
    const placed = dagre.node(card.name) as { x: number; y: number }
    card.x = placed.x - WIDTH / 2
    card.y = placed.y - card.height / 2
  }
  const byName = new Map(cards.map((card) => [card.name, card]))
  const lines = drawn.map(({ card, row }) => {
    const edge = dagre.edge(card.name, row.target, row.key) as { points?: Point[] }
    const path = pathOf(card, row, byName.get(row.target)!, edge.points ?? [])
    return { key: row.key, from: card.name, to: row.target, path, taken: row.taken, count: row.count }
  })
  const { width = 0, height = 0 } = dagre.graph() as { width?: number; height?: number }
  return { cards, lines, width: Math.max(width, WIDTH) + MARGIN, height: Math.max(height, 80) }
}

interface Point {
  x: number
  y: number
}

function cardsOf(graph: Graph, marks: Marks, counts: Counts): Card[] {
  const names = new Set(graph.nodes.map((node) => node.name))
  return graph.nodes.map((node) => {
    const told = new Set(node.ways.flatMap((way) => way.exits))
    const unusual = [...marks.ways.keys()]
      .filter((way) => way.startsWith(`${node.name}\0`))
      .map((way) => way.slice(node.name.length + 1))
      .filter((exit) => !told.has(exit))
      .map((exit) => ({ exits: [exit], label: exit, target: marks.targets.get(wayOf(node.name, exit)) ?? graph.person }))
    const rows = [...node.ways, ...unusual].map((way, index) => ({
      key: `${node.name}\0${index}`,
      exits: way.exits,
      label: way.label,
      target: way.target,
      taken: way.exits.flatMap((exit) => marks.ways.get(wayOf(node.name, exit)) ?? []).sort((a, b) => a - b),
      count: way.exits.reduce((sum, exit) => sum + (counts.get(wayOf(node.name, exit)) ?? 0), 0),
      drawn: names.has(way.target),
    }))
    return {
      name: node.name,
      kind: node.kind,
      group: node.group,
      text: node.text,
      start: node.name === graph.start,
      visits: marks.nodes.get(node.name) ?? [],
      rows,
      x: 0,
      y: 0,
      height: HEAD + (node.text ? TEXT : 0) + rows.length * ROW + FOOT,
    }
  })
}

/** Ways that were taken are all drawn. Of the others those back, and those to where many lead, are only named. */
function chooseLines(graph: Graph, cards: Card[]): void {
  const depth = depths(graph, cards)
  const arriving = new Map<string, number>()
  for (const row of cards.flatMap((card) => card.rows)) arriving.set(row.target, (arriving.get(row.target) ?? 0) + 1)
  const reached = new Set<string>()
  const byDepth = [...cards].sort((a, b) => depth.get(a.name)! - depth.get(b.name)!)
  for (const card of byDepth) {
    for (const row of card.rows) {
      if (!row.drawn) continue
      const used = row.taken.length > 0 || row.count > 0
      const back = depth.get(row.target)! <= depth.get(card.name)!
      const busy = arriving.get(row.target)! > BUSY && reached.has(row.target)
      row.drawn = used || (!back && !busy)
      if (row.drawn) reached.add(row.target)
    }
  }
}

/** Steps from the start; what nothing leads to begins anew. */
function depths(graph: Graph, cards: Card[]): Map<string, number> {
  const depth = new Map<string, number>()
  const byName = new Map(cards.map((card) => [card.name, card]))
  for (const root of [graph.start, ...byName.keys()]) {
    if (depth.has(root) || !byName.has(root)) continue
    depth.set(root, 0)
    const waiting = [root]
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      for (const { target } of byName.get(name)!.rows) {
        if (depth.has(target) || !byName.has(target)) continue
        depth.set(target, depth.get(name)! + 1)
        waiting.push(target)
      }
    }
  }
  return depth
}

/** The middle of a row, from the top of its card. */
export function portOf(card: Card, row: Row): number {
  return card.height - FOOT - (card.rows.length - card.rows.indexOf(row) - 0.5) * ROW
}

function pathOf(card: Card, row: Row, to: Card, points: Point[]): string {
  const start = { x: card.x + WIDTH, y: card.y + portOf(card, row) }
  const end = { x: to.x - 7, y: to.y + HEAD / 2 }
  // Between neighbouring columns nothing is in the way: the line goes straight there.
  const through = to.x > card.x && points.length > 3 ? points.slice(1, -1) : []
  let path = `M${round(start.x)} ${round(start.y)}`
  let last = start
  for (const point of [...through, end]) {
    // Back to the left it bends around, else it swings over half way.
    const reach = point.x > last.x ? (point.x - last.x) / 2 : 60
    path += `C${round(last.x + reach)} ${round(last.y)} ${round(point.x - reach)} ${round(point.y)} ${round(point.x)} ${round(point.y)}`
    last = point
  }
  return path
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** How thick a line of so many is drawn, of the most; in pixels. */
export function thickness(count: number, most: number): number {
  return count > 0 && most > 0 ? 1.5 + 6.5 * Math.sqrt(count / most) : 1.5
}
