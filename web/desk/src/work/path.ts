// The way through the flow that led here, in the words of the desk.
import { useCallback } from 'react'
import type { Timeline } from '../api/types'
import { useCalled } from '../known'
import { isKey, useWords } from '../words'

const LAST_STEPS = 6

/** A way out of a node: one of the engine's, the number of a case, or what was chosen in a menu. */
export function useWay(): (way: string) => string {
  const t = useWords()
  const called = useCalled()
  return useCallback(
    (way) => {
      const number = /^case (\d+)$/.exec(way)?.[1]
      if (number) return t('way_case', { number })
      const key = `way_out_${way}`
      return isKey(key) ? t(key) : called(way)
    },
    [t, called],
  )
}

/** A node's title is that of `flow/node`; without one it is its name. */
export function nodeName(flow: string, node: string, called: (name: string) => string): string {
  const full = `${flow}/${node}`
  const title = called(full)
  return title === full ? node : title
}

const same = (name: string) => name

/** The last nodes that the customer passed, with the way out where it tells something. */
export function pathOf(timeline: Timeline, called: (name: string) => string = same, way: (exit: string) => string = same): string[] {
  const steps = timeline.entries
    .filter((entry) => entry.kind === 'path')
    .flatMap((entry) => (entry.data['steps'] as [string, string, string][] | undefined) ?? [])
    .slice(-LAST_STEPS)
  let before = ''
  return steps.map(([flow, node, exit]) => {
    const title = nodeName(flow, node, called)
    const name = (flow === before ? title : `${called(flow)}/${title}`) + (exit && exit !== 'next' ? ` (${way(exit)})` : '')
    before = flow
    return name
  })
}
