// A ticket's clock: how long until it should be settled, or for how long it has been late.
import { Badge } from '@mantine/core'
import type { Ticket } from '../api/types'
import { Icon } from '../parts/icons'
import { clockOf, useNow } from '../time'
import { useWords } from '../words'

export function Sla({ ticket }: { ticket: Ticket }) {
  const t = useWords()
  const now = useNow()
  if (ticket.resolved_at || ticket.status === 'resolved' || ticket.status === 'closed') return null
  const left = Date.parse(ticket.due_at) - now
  const whole = Date.parse(ticket.due_at) - Date.parse(ticket.opened_at)
  const colour = left < 0 ? 'red' : left < whole / 4 ? 'orange' : 'teal'
  return (
    <Badge variant="light" color={colour} tt="none" leftSection={<Icon name="clock" size={12} />}>
      {left < 0 ? t('late_by', { time: clockOf(-left) }) : t('due_in', { time: clockOf(left) })}
    </Badge>
  )
}
