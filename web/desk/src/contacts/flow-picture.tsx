// A flow as it is drawn: cards and lines, to move about in with the mouse, the keyboard or a finger, with what a contact took
// or how many took each way.
import { ActionIcon, Group, Text } from '@mantine/core'
import { type PointerEvent, type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Icon, type IconName } from '../parts/icons'
import { useWords } from '../words'
import { type Card, type Counts, drawingOf, type Row, thickness, WIDTH } from './flow-layout'
import { type Graph, type Marks, NO_MARKS } from './visits'

const SMALLEST = 0.08
const LARGEST = 2
/** Cards are not shown smaller than they can be read when the picture opens; of a large flow a little smaller. */
const READABLE = 0.85
const READABLE_LARGE = 0.62
const LARGE = 20

/** Pixels that the picture may take of the window. */
function tallest(): number {
  return Math.max(260, Math.min(innerHeight * 0.68, 720))
}

interface Props {
  graph: Graph
  label: string
  marks?: Marks
  counts?: Counts
  /** A node to bring into sight: `again` is another number each time. */
  sought?: { name: string; again: number } | null
  children?: ReactNode
}

const NO_COUNTS: Counts = new Map()

export default function FlowPicture({ graph, label, marks = NO_MARKS, counts = NO_COUNTS, sought = null, children }: Props) {
  const t = useWords()
  const drawing = useMemo(() => drawingOf(graph, marks, counts), [graph, marks, counts])
  const view = useRef<HTMLDivElement>(null)
  const [scale, setScale] = useState(1)
  const [found, setFound] = useState('')
  const keep = useRef<{ x: number; y: number; left: number; top: number } | null>(null)
  const most = useMemo(() => Math.max(0, ...drawing.lines.map((line) => line.count)), [drawing])

  /** Everything in sight, but not smaller than `least`. */
  const fit = useCallback(
    (least: number) => {
      const here = view.current
      if (!here) return 1
      const whole = Math.min((here.clientWidth - 4) / drawing.width, (tallest() - 20) / drawing.height, 1)
      setScale(Math.max(whole, least))
      return Math.max(whole, least)
    },
    [drawing.width, drawing.height],
  )
  const zoom = useCallback((by: number, x?: number, y?: number) => {
    const here = view.current
    if (!here) return
    const [px, py] = [x ?? here.clientWidth / 2, y ?? here.clientHeight / 2]
    setScale((old) => {
      const next = Math.min(LARGEST, Math.max(SMALLEST, old * by))
      keep.current = { x: (here.scrollLeft + px) / old, y: (here.scrollTop + py) / old, left: px, top: py }
      return next
    })
  }, [])
  useLayoutEffect(() => {
    const [here, point] = [view.current, keep.current]
    keep.current = null
    if (!here || !point) return
    here.scrollLeft = point.x * scale - point.left
    here.scrollTop = point.y * scale - point.top
  }, [scale])

  const bring = useCallback(
    (name: string) => {
      const [here, card] = [view.current, drawing.cards.find((each) => each.name === name)]
      if (!here || !card) return
      setFound(name)
      here.scrollIntoView({ block: 'nearest' })
      const smooth = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'
      here.scrollTo({
        left: (card.x + WIDTH / 2) * scale - here.clientWidth / 2,
        top: (card.y + card.height / 2) * scale - here.clientHeight / 2,
        behavior: smooth,
      })
    },
    [drawing, scale],
  )
  // When it opens: readable, with the first card of the way in sight.
  const opened = useRef<unknown>(null)
  useLayoutEffect(() => {
    if (opened.current === graph) return
    opened.current = graph
    setFound('')
    const shown = fit(graph.nodes.length > LARGE ? READABLE_LARGE : READABLE)
    const first = drawing.cards.find((card) => card.visits.includes(Math.min(...[...marks.nodes.values()].flat()))) ?? drawing.cards.find((card) => card.start)
    const here = view.current
    if (here && first) {
      here.scrollLeft = Math.max(0, first.x * shown - 20)
      here.scrollTop = Math.max(0, (first.y + first.height / 2) * shown - here.clientHeight / 2)
    }
  }, [graph, drawing, marks, fit])
  useEffect(() => {
    if (sought) bring(sought.name)
    // Only when something is sought, not whenever the picture changes.
  }, [sought])
  useEffect(() => {
    const here = view.current
    if (!here) return
    const turned = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      const place = here.getBoundingClientRect()
      zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.clientX - place.left, event.clientY - place.top)
    }
    here.addEventListener('wheel', turned, { passive: false })
    return () => here.removeEventListener('wheel', turned)
  }, [zoom])

  const grabbed = (event: PointerEvent<HTMLDivElement>) => {
    if (event.pointerType !== 'mouse' || event.button !== 0 || (event.target as Element).closest('button')) return
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const dragged = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    event.currentTarget.scrollLeft -= event.movementX
    event.currentTarget.scrollTop -= event.movementY
  }
  const button = (name: string, icon: IconName, click: () => void) => (
    <ActionIcon size={34} variant="default" aria-label={name} title={name} onClick={click}>
      <Icon name={icon} size={16} />
    </ActionIcon>
  )
  return (
    <div>
      <div className="flow-bar">
        {children}
        <Group gap={4} ml="auto">
          {button(t('flow_smaller'), 'minus', () => zoom(1 / 1.25))}
          {button(t('flow_larger'), 'plus', () => zoom(1.25))}
          {button(t('flow_fit'), 'fit', () => fit(SMALLEST))}
          <Text size="xs" c="dimmed" w={38} ta="right">
            {Math.round(scale * 100)} %
          </Text>
        </Group>
      </div>
      <div
        ref={view}
        className={`flow-view${marks.nodes.size > 0 ? ' flow-dim' : ''}`}
        role="region"
        aria-label={label}
        tabIndex={0}
        style={{ height: Math.min(tallest(), drawing.height * scale + 24) }}
        onPointerDown={grabbed}
        onPointerMove={dragged}
      >
        <div style={{ width: drawing.width * scale, height: drawing.height * scale }}>
          <div className="flow-sheet" style={{ width: drawing.width, height: drawing.height, transform: `scale(${scale})` }}>
            <svg width={drawing.width} height={drawing.height} aria-hidden="true">
              <defs>
                <marker id="flow-tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
                  <path d="M0 0.8 7.5 4 0 7.2z" fill="context-stroke" />
                </marker>
              </defs>
              {[...drawing.lines]
                .sort((a, b) => a.taken.length - b.taken.length || a.count - b.count)
                .map((line) => (
                  <path
                    key={line.key}
                    className="flow-line"
                    d={line.path}
                    data-taken={line.taken.length > 0 || undefined}
                    data-count={line.count > 0 || undefined}
                    style={line.count > 0 ? { strokeWidth: thickness(line.count, most) } : undefined}
                    markerEnd="url(#flow-tip)"
                  />
                ))}
            </svg>
            {drawing.cards.map((card) => (
              <CardShown key={card.name} card={card} counted={counts !== NO_COUNTS} found={card.name === found} bring={bring} />
            ))}
          </div>
        </div>
      </div>
    </div>
  )
}

function CardShown({ card, counted, found, bring }: { card: Card; counted: boolean; found: boolean; bring: (name: string) => void }) {
  return (
    <div
      className="flow-card"
      data-group={card.group}
      data-start={card.start || undefined}
      data-taken={card.visits.length > 0 || undefined}
      data-found={found || undefined}
      style={{ left: card.x, top: card.y, width: WIDTH, height: card.height }}
    >
      <div className="flow-head">
        {card.visits.length > 0 && <Numbers of={card.visits} />}
        <b title={card.name}>{card.name}</b>
        <small>{card.kind.replaceAll('_', ' ')}</small>
      </div>
      {card.text && (
        <div className="flow-text" dir="auto" title={card.text}>
          <div>{card.text}</div>
        </div>
      )}
      {card.rows.map((row) => (
        <RowShown key={row.key} row={row} counted={counted} bring={bring} />
      ))}
    </div>
  )
}

function RowShown({ row, counted, bring }: { row: Row; counted: boolean; bring: (name: string) => void }) {
  const t = useWords()
  return (
    <div className="flow-row" data-taken={row.taken.length > 0 || undefined}>
      <span title={row.label}>{row.label}</span>
      {row.target === '@end' || row.target === '' ? (
        <span className="to">{t(row.target === '' ? 'flow_back' : 'flow_end')}</span>
      ) : (
        !row.drawn && (
          <button type="button" className="to" title={row.target} onClick={() => bring(row.target)}>
            → {row.target}
          </button>
        )
      )}
      {row.taken.length > 0 && <Numbers of={row.taken} />}
      {counted && <span className="flow-count">{row.count.toLocaleString()}</span>}
    </div>
  )
}

const MOST_NUMBERS = 3

function Numbers({ of }: { of: number[] }) {
  const shown = of.slice(0, MOST_NUMBERS).join(', ')
  return <span className="flow-number">{of.length > MOST_NUMBERS ? `${shown} …` : shown}</span>
}
