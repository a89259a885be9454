// One recording: fetched when somebody wants to hear it (that is noted in the audit trail), then its wave and its buttons.
import { ActionIcon, Button, Group, NativeSelect, Paper, Stack, Text } from '@mantine/core'
import { type Ref, useCallback, useEffect, useImperativeHandle, useRef, useState } from 'react'
import { useDeed } from '../api/asked'
import type { Refusal } from '../api/client'
import { Trouble, useWord } from '../parts/bits'
import { Icon, type IconName } from '../parts/icons'
import { clockOf } from '../time'
import { useWords } from '../words'
import type { Peaks } from './peaks'
import { fetchSound, findWave, type Sound } from './sound'
import { momentIn, placeIn, type Recording, type Span, type Utterance } from './utterances'
import { Wave } from './wave'

const SPEEDS = ['0.75', '1', '1.25', '1.5', '2']
const SKIP = 10

export interface Player {
  /** From a second on, aloud. */
  play: (seconds: number) => void
  pause: () => void
}

interface Props {
  recording: Recording
  title: string
  span: Span
  utterances: readonly Utterance[]
  /** It plays now, at this moment (ms). */
  playing: (at: number) => void
  ref: Ref<Player>
}

export function RecordingPlayer({ recording, title, span, utterances, playing, ref }: Props) {
  const t = useWords()
  const word = useWord()
  const [sound, setSound] = useState<Sound | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [busy, run] = useDeed(setRefusal)
  const [peaks, setPeaks] = useState<Peaks | null>(null)
  const [at, setAt] = useState(0)
  const [length, setLength] = useState(recording.seconds)
  const [plays, setPlays] = useState(false)
  const [speed, setSpeed] = useState('1')
  const audio = useRef<HTMLAudioElement>(null)
  const wanted = useRef<number | null>(null)
  const gone = useRef(new AbortController())

  useEffect(() => {
    if (gone.current.signal.aborted) gone.current = new AbortController()
    return () => gone.current.abort()
  }, [])
  useEffect(() => () => void (sound && URL.revokeObjectURL(sound.url)), [sound])
  useEffect(() => {
    if (audio.current) audio.current.playbackRate = Number(speed)
  }, [speed, sound])

  const fetch = useCallback(
    (from: number) => {
      wanted.current = from
      setRefusal(null)
      void run(async () => {
        const found = await fetchSound(recording.id)
        if (gone.current.signal.aborted) URL.revokeObjectURL(found.url)
        else setSound(found)
      })
    },
    [recording.id, run],
  )
  const seek = (seconds: number) => {
    if (!audio.current) return
    audio.current.currentTime = Math.min(Math.max(0, seconds), Math.max(0, length - 0.05))
    setAt(audio.current.currentTime)
  }
  const toggle = () => {
    const here = audio.current
    if (here) void (here.paused ? here.play() : here.pause())
  }
  useImperativeHandle(ref, () => ({
    play: (seconds) => {
      if (!audio.current) return fetch(seconds)
      seek(seconds)
      void audio.current.play()
    },
    pause: () => audio.current?.pause(),
  }))

  const known = (here: HTMLAudioElement) => {
    const told = sound?.seconds || (Number.isFinite(here.duration) ? here.duration : recording.seconds)
    setLength(told)
    if (sound) findWave(sound, told, setPeaks, gone.current.signal).catch(() => setPeaks(null))
    if (wanted.current !== null) {
      here.currentTime = wanted.current
      wanted.current = null
      void here.play()
    }
  }
  const button = (label: string, icon: IconName, click: () => void, variant = 'subtle') => (
    <ActionIcon size={38} variant={variant} aria-label={label} title={label} onClick={click}>
      <Icon name={icon} />
    </ActionIcon>
  )
  const marks = utterances.flatMap((each) => placeIn(span, each.at) ?? [])
  return (
    <Paper withBorder p="sm" component="section" aria-label={title}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Text size="sm" fw={600}>
            {title}
          </Text>
          <Group gap={4}>
            <Text size="sm" c="dimmed">
              {clockOf(length * 1000)}
              {recording.status !== 'completed' && ` · ${word(recording.status)}`}
            </Text>
            {sound && (
              <ActionIcon component="a" size={30} variant="subtle" href={sound.url} download={sound.name} aria-label={t('hear_download')} title={t('hear_download')}>
                <Icon name="download" />
              </ActionIcon>
            )}
          </Group>
        </Group>
        {sound ? (
          <>
            <Wave label={t('hear_position')} {...{ peaks, seconds: length, at, marks, seek, toggle }} />
            <Group gap={4}>
              {button(t('hear_back'), 'back10', () => seek(at - SKIP))}
              {button(plays ? t('hear_pause') : t('hear_play'), plays ? 'pause' : 'play', toggle, 'filled')}
              {button(t('hear_on'), 'forward10', () => seek(at + SKIP))}
              <Text size="sm" className="clock" mx={6} aria-hidden="true">
                {clockOf(at * 1000)} / {clockOf(length * 1000)}
              </Text>
              <NativeSelect
                ml="auto"
                size="sm"
                w={78}
                aria-label={t('hear_speed')}
                value={speed}
                onChange={(event) => setSpeed(event.currentTarget.value)}
                data={SPEEDS.map((each) => ({ value: each, label: `${each}×` }))}
              />
            </Group>
            <audio
              ref={audio}
              src={sound.url}
              preload="auto"
              onLoadedMetadata={(event) => known(event.currentTarget)}
              onTimeUpdate={(event) => {
                setAt(event.currentTarget.currentTime)
                if (!event.currentTarget.paused) playing(momentIn(span, event.currentTarget.currentTime))
              }}
              onPlay={(event) => {
                event.currentTarget.playbackRate = Number(speed)
                setPlays(true)
                playing(momentIn(span, event.currentTarget.currentTime))
              }}
              onPause={() => setPlays(false)}
              onEnded={() => setPlays(false)}
            />
          </>
        ) : recording.audible ? (
          <Group gap="sm">
            <Button size="sm" leftSection={<Icon name="play" size={16} />} loading={busy} onClick={() => fetch(0)}>
              {t('hear_listen')}
            </Button>
            <Text size="xs" c="dimmed" className="grow">
              {t('hear_noted')}
            </Text>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            {recording.status === 'completed' ? t('hear_not_yours') : t('hear_nothing')}
          </Text>
        )}
        {refusal && <Trouble refusal={refusal} again={() => fetch(0)} />}
        {sound && span.unsure && (
          <Text size="xs" c="dimmed">
            {t('hear_paused')}
          </Text>
        )}
        {recording.transcript && (
          <Text size="sm" className="quote">
            {recording.transcript}
          </Text>
        )}
      </Stack>
    </Paper>
  )
}
