// A contact's way through the flows: steps as visits of nodes, and what of a flow they mark.
import type { Schemas } from '../api/client'

export type Step = Schemas['PathStep']
export type Graph = Schemas['FlowGraph']

/** A node, from when the contact came there to when it went on; `exit` is empty where it went no further. */
export interface Visit {
  number: number
  flow: string
  node: string
  exit: string
  at: string
  offset: number
}

/** Waiting at a node and leaving it are two steps, also with a subflow or other contacts' words between: one visit. */
export function visitsOf(steps: readonly Step[]): Visit[] {
  const visits: Visit[] = []
  const open = new Map<string, Visit>()
  for (const step of steps) {
    const here = open.get(step.flow)
    if (here && here.node === step.node) {
      here.exit = step.exit
    } else {
      const { flow, node, exit, at, offset } = step
      const visit = { number: visits.length + 1, flow, node, exit, at, offset }
      visits.push(visit)
      open.set(flow, visit)
    }
    if (step.exit !== '') open.delete(step.flow)
  }
  return visits
}

export interface Marks {
  /** The numbers of the visits, by node. */
  nodes: Map<string, number[]>
  /** The numbers of the visits that left by it, by `wayOf`. */
  ways: Map<string, number[]>
  /** Where it went on in this flow, by `wayOf`; what the flow does not draw (after an error) is known from here. */
  targets: Map<string, string>
}

export const NO_MARKS: Marks = { nodes: new Map(), ways: new Map(), targets: new Map() }

export function wayOf(node: string, exit: string): string {
  return `${node}\0${exit}`
}

/** What the visits mark in one flow. */
export function marksOf(visits: readonly Visit[], flow: string): Marks {
  const marks: Marks = { nodes: new Map(), ways: new Map(), targets: new Map() }
  const here = visits.filter((visit) => visit.flow === flow)
  here.forEach((visit, index) => {
    add(marks.nodes, visit.node, visit.number)
    if (visit.exit === '') return
    const way = wayOf(visit.node, visit.exit)
    add(marks.ways, way, visit.number)
    const next = here[index + 1]
    if (next && !marks.targets.has(way)) marks.targets.set(way, next.node)
  })
  return marks
}

function add(to: Map<string, number[]>, key: string, number: number): void {
  to.set(key, [...(to.get(key) ?? []), number])
}

/** The flow with only the nodes that were passed. */
export function onlyPassed(graph: Graph, marks: Marks): Graph {
  return { ...graph, nodes: graph.nodes.filter((node) => marks.nodes.has(node.name)) }
}
