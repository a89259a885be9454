// Opening a ticket, most often out of a contact: what is known of it is filled in.
import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { touch, useDeed } from '../api/asked'
import { ask } from '../api/client'
import type { ContactDetail } from '../api/types'
import { addressOf, useCalled, useQueues, useQueueTitle } from '../known'
import { useWord } from '../parts/bits'
import { tell, tellRefusal } from '../parts/toasts'
import { go } from '../router'
import { useWords } from '../words'

const SEVERITIES = ['low', 'normal', 'high', 'urgent'] as const

export function NewTicket({ contact, customerId, close }: { contact?: ContactDetail | undefined; customerId?: string; close: () => void }) {
  const t = useWords()
  const word = useWord()
  const queues = useQueues().data ?? []
  const queueTitle = useQueueTitle()
  const called = useCalled()
  const [subject, setSubject] = useState(called(contact?.reason ?? ''))
  const [description, setDescription] = useState(contact?.handoff?.summary ?? '')
  const [severity, setSeverity] = useState<(typeof SEVERITIES)[number]>('normal')
  const [category, setCategory] = useState('complaint')
  const [queue, setQueue] = useState<string | null>(null)
  const [order, setOrder] = useState('')
  const [back, setBack] = useState(contact ? addressOf(contact) : '')
  const [once] = useState(() => crypto.randomUUID())
  const [busy, run] = useDeed(tellRefusal)
  return (
    <Modal opened onClose={close} title={t('new_ticket')} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void run(async () => {
            const opened = await ask('post', '/tickets', {
              once,
              body: {
                subject: subject.trim(),
                description,
                severity,
                category,
                queue: queue ?? '',
                order_number: order,
                contact_back: back,
                contact_id: contact?.id ?? null,
                customer_id: contact?.customer_id ?? customerId ?? null,
              },
            })
            tell(t(opened.joined ? 'ticket_joined' : 'ticket_opened', { number: opened.number }))
            touch('tickets')
            if (contact?.customer_id) touch(`customer:${contact.customer_id}`)
            close()
            if (!contact) go(`/tickets/${opened.number}`)
          })
        }}
      >
        <Stack>
          <TextInput label={t('subject')} required maxLength={300} value={subject} onChange={(event) => setSubject(event.currentTarget.value)} data-autofocus />
          <Textarea label={t('description')} autosize minRows={3} maxRows={10} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
          <Group grow>
            <Select label={t('severity')} data={SEVERITIES.map((each) => ({ value: each, label: word(each) }))} value={severity} allowDeselect={false} onChange={(each) => each && setSeverity(each)} />
            <TextInput label={t('category')} required maxLength={40} value={category} onChange={(event) => setCategory(event.currentTarget.value)} />
            <Select label={t('queue')} placeholder={t('usual')} data={queues.map((each) => ({ value: each.name, label: queueTitle(each.name) }))} value={queue} clearable onChange={setQueue} />
          </Group>
          <Group grow>
            <TextInput label={t('order')} maxLength={40} value={order} onChange={(event) => setOrder(event.currentTarget.value)} />
            <TextInput label={t('contact_back')} maxLength={255} value={back} onChange={(event) => setBack(event.currentTarget.value)} />
          </Group>
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={busy}>
              {t('open_ticket')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
