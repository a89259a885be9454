// What is done less often: back to the bot, back in line, a ticket; and for writing also transfer and end.
import { ActionIcon, Button, Group, Menu, Modal, Stack, Text, Textarea, TextInput, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { touch, useDeed } from '../api/asked'
import { ask } from '../api/client'
import type { Work } from '../api/types'
import { endWork, handBack, requeue } from '../deeds'
import { useContact, useCustomer } from '../known'
import { Icon } from '../parts/icons'
import { tell, tellRefusal } from '../parts/toasts'
import { NewTicket } from '../tickets/new-ticket'
import { useWords } from '../words'
import { TransferDialog } from './transfer-dialog'

export function MoreActions({ work }: { work: Work }) {
  const t = useWords()
  const [busy, run] = useDeed(tellRefusal)
  const [dialog, setDialog] = useState<'transfer' | 'consult' | 'bot' | 'ticket' | 'link' | null>(null)
  const { data: contact } = useContact(work.contact_id)
  const written = work.kind === 'chat' || work.kind === 'text'
  const active = work.state === 'active'
  return (
    <Group gap="xs">
      {written && (
        <>
          <Button variant="default" size="sm" leftSection={<Icon name="transfer" />} disabled={!active} onClick={() => setDialog('transfer')}>
            {t('transfer')}
          </Button>
          <Button color="red" size="sm" leftSection={<Icon name="check" />} loading={busy} disabled={!active} onClick={() => void run(() => endWork(work.id))}>
            {t('end')}
          </Button>
        </>
      )}
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon variant="default" size="lg" aria-label={t('more')}>
            <Icon name="dots" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {work.kind !== 'consult' && (
            <Menu.Item leftSection={<Icon name="bot" />} disabled={!active} onClick={() => setDialog('bot')}>
              {t('hand_back')}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<Icon name="ticket" />} onClick={() => setDialog('ticket')}>
            {t('new_ticket')}
          </Menu.Item>
          <Menu.Item leftSection={<Icon name="ticket" />} disabled={!work.contact_id} onClick={() => setDialog('link')}>
            {t('link_ticket')}
          </Menu.Item>
          {written && (
            <Menu.Item leftSection={<Icon name="users" />} disabled={!active} onClick={() => setDialog('consult')}>
              {t('consult')}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<Icon name="left" />} onClick={() => void run(() => requeue(work.id, 'agent'))}>
            {t('requeue')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {(dialog === 'transfer' || dialog === 'consult') && <TransferDialog work={work} how={dialog} close={() => setDialog(null)} />}
      {dialog === 'bot' && <ToBot work={work} close={() => setDialog(null)} />}
      {dialog === 'link' && work.contact_id && <LinkTicket contactId={work.contact_id} customerId={work.who?.customer_id} close={() => setDialog(null)} />}
      {dialog === 'ticket' && <NewTicket contact={contact} close={() => setDialog(null)} />}
    </Group>
  )
}

/** The contact is about a ticket that is there already: one of the customer's, or any by its number. */
function LinkTicket({ contactId, customerId, close }: { contactId: string; customerId: string | null | undefined; close: () => void }) {
  const t = useWords()
  const [number, setNumber] = useState('')
  const [busy, run] = useDeed(tellRefusal)
  const open = useCustomer(customerId).data?.open_tickets ?? []
  const link = (ticket: string) =>
    void run(() => ask('post', '/tickets/{ticket}/contacts', { path: { ticket }, body: { contact_id: contactId } })).then((done) => {
      if (!done) return
      touch('tickets')
      touch(`contact:${contactId}`)
      tell(t('linked_to', { number: ticket }))
      close()
    })
  return (
    <Modal opened onClose={close} title={t('link_ticket')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          link(number.trim())
        }}
      >
        <Stack>
          {open.length > 0 && (
            <ul className="choices">
              {open.map((ticket) => (
                <li key={ticket.id}>
                  <UnstyledButton type="button" className="row" disabled={busy} onClick={() => link(ticket.number)}>
                    <Text size="sm" fw={600}>
                      {ticket.number}
                    </Text>
                    <Text size="sm" c="dimmed" truncate>
                      {ticket.subject}
                    </Text>
                  </UnstyledButton>
                </li>
              ))}
            </ul>
          )}
          <Group align="flex-end">
            <TextInput label={t('other_ticket')} inputMode="numeric" required flex={1} value={number} onChange={(event) => setNumber(event.currentTarget.value)} data-autofocus />
            <Button type="submit" loading={busy}>
              {t('link')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function ToBot({ work, close }: { work: Work; close: () => void }) {
  const t = useWords()
  const [note, setNote] = useState('')
  const [busy, run] = useDeed(tellRefusal)
  return (
    <Modal opened onClose={close} title={t('hand_back')}>
      <Stack>
        <Text size="sm">{t('hand_back_hint')}</Text>
        <Textarea label={t('note_for_bot')} value={note} maxLength={500} autosize minRows={2} onChange={(event) => setNote(event.currentTarget.value)} data-autofocus />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
          <Button loading={busy} leftSection={<Icon name="bot" />} onClick={() => void run(() => handBack(work.id, note)).then((done) => done && close())}>
            {t('hand_back')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
