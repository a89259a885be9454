// What an agent is being asked: who it is and why, before the answer; with a countdown, and keys to answer by.
import { Button, Group, Kbd, Paper, Progress, ScrollArea, Stack, Text, Title } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useDeed } from './api/asked'
import type { Offer, Work } from './api/types'
import { accept, decline } from './deeds'
import { usePerson, useQueueTitle } from './known'
import { useLive } from './live/store'
import { Until, Word, useWord } from './parts/bits'
import { Icon, kindIcon } from './parts/icons'
import { tellRefusal } from './parts/toasts'
import { go } from './router'
import { clockOf, useNow } from './time'
import { useWords } from './words'
import { ScreenPop } from './work/screen-pop'

export function Offers() {
  const { desk } = useLive()
  const offers = Object.values(desk.offers)
    .filter((offer) => !offer.auto_accept && desk.works[offer.work_id])
    .sort((a, b) => a.expires_at.localeCompare(b.expires_at))
  return (
    <div className="offers" aria-live="assertive">
      {offers.map((offer, index) => (
        <OfferCard key={offer.id} offer={offer} work={desk.works[offer.work_id]!} first={index === 0} />
      ))}
    </div>
  )
}

function OfferCard({ offer, work, first }: { offer: Offer; work: Work; first: boolean }) {
  const t = useWords()
  const word = useWord()
  const queueTitle = useQueueTitle()
  const [busy, run] = useDeed(tellRefusal)
  const name = usePerson(work)
  const now = useNow()
  const whole = Date.parse(offer.expires_at) - Date.parse(offer.offered_at)
  const left = Date.parse(offer.expires_at) - now
  const card = useRef<HTMLDivElement>(null)

  const yes = () =>
    void run(() => accept(offer.id)).then((done) => {
      if (done) go(`/work/${work.id}`)
    })
  const no = () => void run(() => decline(offer.id))

  useEffect(() => {
    if (!first) return
    const onKey = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return
      if (event.code === 'KeyA') yes()
      else if (event.code === 'KeyX') no()
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })

  const waited = Date.parse(offer.offered_at) - Date.parse(work.queued_at)
  return (
    <Paper
      ref={card}
      shadow="xl"
      withBorder
      className="offer"
      role="region"
      aria-label={t('offer_of', { kind: word(work.kind) })}
    >
      <Progress value={(100 * Math.max(0, left)) / Math.max(1, whole)} size="sm" radius={0} color={left < 5000 ? 'red' : 'teal'} aria-label={t('time_left')} />
      <Stack p="md" gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Group gap="sm" wrap="nowrap">
            <span className="ringing">
              <Icon name={kindIcon(work.kind)} size={24} />
            </span>
            <div>
              <Text size="sm" c="dimmed">
                {t('offer_of', { kind: word(work.kind) })} · {work.queue ? queueTitle(work.queue) : t('for_you')}
              </Text>
              <Title order={2} size="h4">
                {name || t('unknown_customer')}
              </Title>
            </div>
          </Group>
          <Text size="xl" fw={700} role="timer">
            <Until at={offer.expires_at} soon={5} />
          </Text>
        </Group>
        <Group gap="xs">
          {work.tier && work.tier !== 'standard' && <Word code={work.tier} leftSection={<Icon name="star" size={12} />} />}
          {work.priority > 0 && <Word code="priority" color="orange" />}
          <Text size="sm" c="dimmed">
            {t('waited', { time: clockOf(waited) })}
          </Text>
        </Group>
        <ScrollArea.Autosize mah="45vh" type="auto" offsetScrollbars="y">
          <ScreenPop work={work} />
        </ScrollArea.Autosize>
        <Group grow>
          <Button size="md" loading={busy} leftSection={<Icon name="check" />} onClick={yes} aria-keyshortcuts="Alt+A">
            {t('accept')} {first && <Kbd size="xs" ml={8} className="key">Alt A</Kbd>}
          </Button>
          <Button size="md" variant="default" disabled={busy} leftSection={<Icon name="close" />} onClick={no} aria-keyshortcuts="Alt+X">
            {t('decline')} {first && <Kbd size="xs" ml={8} className="key">Alt X</Kbd>}
          </Button>
        </Group>
      </Stack>
    </Paper>
  )
}
