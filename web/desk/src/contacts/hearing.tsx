// The recordings of a contact beside what was said in it: what plays is marked, and a click on words goes to them.
import { Stack, Text } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { ContactDetail, Timeline } from '../api/types'
import { useTimeline } from '../known'
import { Nothing, Shown, useDates, useWord } from '../parts/bits'
import { Icon } from '../parts/icons'
import { clockOf } from '../time'
import { useWords } from '../words'
import { Marked } from './marked'
import { type Player, RecordingPlayer } from './player'
import { currentAt, endsIn, pausesIn, placeIn, type Span, spanOf, type Utterance, utterancesOf } from './utterances'

export default function Hearing({ contact, words }: { contact: ContactDetail; words: string }) {
  return <Shown of={useTimeline(contact.id)}>{(timeline) => <Heard contact={contact} timeline={timeline} words={words} />}</Shown>
}

function Heard({ contact, timeline, words }: { contact: ContactDetail; timeline: Timeline; words: string }) {
  const t = useWords()
  const word = useWord()
  const utterances = useMemo(() => utterancesOf(timeline), [timeline])
  const spans = useMemo(() => {
    const [ends, pauses] = [endsIn(timeline), pausesIn(timeline)]
    return new Map(contact.recordings.map((recording) => [recording.id, spanOf(recording, ends, pauses)]))
  }, [contact.recordings, timeline])
  const players = useRef(new Map<string, Player>())
  const [moment, setMoment] = useState<number | null>(null)

  const playing = (id: string, at: number) => {
    setMoment(at)
    for (const [other, player] of players.current) if (other !== id) player.pause()
  }
  const whereIs = (utterance: Utterance): [string, number] | null => {
    for (const recording of contact.recordings) {
      const place = recording.audible ? placeIn(spans.get(recording.id)!, utterance.at) : null
      if (place !== null) return [recording.id, place]
    }
    return null
  }
  return (
    <div className="hearing">
      {contact.recordings.length > 0 && (
        <Stack gap="sm" className="players">
          {contact.recordings.map((recording, index) => (
            <RecordingPlayer
              key={recording.id}
              ref={(player) => {
                if (player) players.current.set(recording.id, player)
                return () => void players.current.delete(recording.id)
              }}
              recording={recording}
              title={`${word(recording.purpose)}${contact.recordings.length > 1 ? ` ${index + 1}` : ''}`}
              span={spans.get(recording.id)!}
              utterances={utterances}
              playing={(at) => playing(recording.id, at)}
            />
          ))}
        </Stack>
      )}
      {utterances.length === 0 ? (
        <Nothing icon="text">{t('hear_no_words')}</Nothing>
      ) : (
        <Transcript utterances={utterances} current={moment === null ? -1 : currentAt(utterances, moment)} {...{ words, whereIs, spans }} go={([id, place]) => players.current.get(id)?.play(place)} />
      )}
    </div>
  )
}

interface TranscriptProps {
  utterances: Utterance[]
  current: number
  words: string
  spans: Map<string, Span>
  whereIs: (utterance: Utterance) => [string, number] | null
  go: (place: [string, number]) => void
}

function Transcript({ utterances, current, words, whereIs, go }: TranscriptProps) {
  const t = useWords()
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    const [box, line] = [list.current, list.current?.children[current]]
    if (!box || !(line instanceof HTMLElement) || box.matches(':hover, :focus-within')) return
    const [top, bottom] = [line.offsetTop - box.offsetTop, line.offsetTop - box.offsetTop + line.offsetHeight]
    if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 3
  }, [current])
  return (
    <ol className="transcript" ref={list} aria-label={t('hear_transcript')} tabIndex={0}>
      {utterances.map((utterance, index) => {
        const place = whereIs(utterance)
        return (
          <li key={`${utterance.seq} ${index}`} data-who={utterance.who} data-current={index === current || undefined} aria-current={index === current || undefined}>
            <Offset utterance={utterance} go={place && (() => go(place))} />
            <div>
              {utterance.who !== 'event' && (
                <Text size="xs" fw={600} c="dimmed">
                  {t(WHO[utterance.who])}
                  {utterance.keys && ` · ${t('hear_keys')}`}
                </Text>
              )}
              <Text size="sm" dir="auto">
                {utterance.keys ? <kbd>{utterance.text}</kbd> : <Marked text={utterance.text} words={words} />}
              </Text>
            </div>
          </li>
        )
      })}
    </ol>
  )
}

const WHO = { customer: 'w_customer', agent: 'w_agent', flow: 'hear_menu' } as const

function Offset({ utterance, go }: { utterance: Utterance; go: (() => void) | null }) {
  const t = useWords()
  const dates = useDates()
  const clock = clockOf(utterance.offset * 1000)
  const exact = dates.exact(new Date(utterance.at).toISOString())
  if (!go) {
    return (
      <Text size="xs" c="dimmed" className="clock" component="time" dateTime={new Date(utterance.at).toISOString()} title={exact}>
        {clock}
      </Text>
    )
  }
  return (
    <button type="button" className="offset clock" title={exact} aria-label={t('hear_from', { at: clock })} onClick={go}>
      <Icon name="play" size={10} />
      {clock}
    </button>
  )
}
