import type { Timeline } from '../api/types'

const LAST_STEPS = 6

/** The last nodes that the customer passed, with the way out where it tells something. */
export function pathOf(timeline: Timeline): string[] {
  const steps = timeline.entries
    .filter((entry) => entry.kind === 'path')
    .flatMap((entry) => (entry.data['steps'] as [string, string, string][] | undefined) ?? [])
    .slice(-LAST_STEPS)
  let before = ''
  return steps.map(([flow, node, way]) => {
    const name = (flow === before ? node : `${flow}/${node}`) + (way && way !== 'next' ? ` (${way})` : '')
    before = flow
    return name
  })
}
