// What happened in a contact, in words, and why it went to whom.
import { Text } from '@mantine/core'
import { useTimeline, useWhy } from '../known'
import { Shown, useDates } from '../parts/bits'
import { clockOf } from '../time'
import { useWords } from '../words'
import { Marked } from './marked'

/** `live`: the newest first, for who is talking right now. `words` are marked. */
export function TimelineList({ contactId, live = false, words = '' }: { contactId: string; live?: boolean; words?: string }) {
  const dates = useDates()
  const t = useWords()
  return (
    <Shown of={useTimeline(contactId)}>
      {(timeline) => (
        <ol className="timeline" aria-label={t('timeline')}>
          {(live ? timeline.lines.toReversed() : timeline.lines).map((line) => (
            <li key={line.seq} data-kind={line.kind}>
              <Text size="xs" c="dimmed" component="time" dateTime={line.at} title={dates.exact(line.at)}>
                {clockOf(line.offset * 1000)}
              </Text>
              <Text size="sm">
                <Marked text={line.text} words={words} />
              </Text>
            </li>
          ))}
        </ol>
      )}
    </Shown>
  )
}

export function WhyList({ contactId }: { contactId: string }) {
  const t = useWords()
  return (
    <Shown of={useWhy(contactId)}>
      {(why) =>
        why.lines.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('never_waited')}
          </Text>
        ) : (
          <ol className="why-list">
            {why.lines.map((line, index) => (
              <li key={index}>
                <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
                  {line}
                </Text>
              </li>
            ))}
          </ol>
        )
      }
    </Shown>
  )
}
