// Changing a customer: the profile (refused where somebody else was quicker), addresses, and merging two into one.
import { Alert, Button, Group, Modal, Select, Stack, TagsInput, Text, Textarea, TextInput, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { touch, useAsked, useDeed } from '../api/asked'
import { ask, type Refusal, type Schemas } from '../api/client'
import type { CustomerDetail } from '../api/types'
import { useAgents } from '../known'
import { useWord } from '../parts/bits'
import { refusalWords, tell, tellRefusal } from '../parts/toasts'
import { languageName, useLanguage, useWords } from '../words'

type Patch = Schemas['CustomerPatch']

const TIERS = ['standard', 'silver', 'gold', 'key'] as const

export function CustomerForm({ customer, name = '', close }: { customer?: CustomerDetail; name?: string; close: (id?: string) => void }) {
  const t = useWords()
  const word = useWord()
  const language = useLanguage()
  const agents = useAgents().data ?? []
  const [stale, setStale] = useState<Refusal | null>(null)
  const [fields, setFields] = useState<Required<Pick<Patch, 'name' | 'first_name' | 'language' | 'tier' | 'tags' | 'preferred_channel' | 'preferred_hours' | 'notes'>> & { owner_id: string | null }>({
    name: customer?.name ?? name,
    first_name: customer?.first_name ?? '',
    language: customer?.language ?? '',
    tier: (customer?.tier ?? 'standard') as (typeof TIERS)[number],
    tags: customer?.tags ?? [],
    preferred_channel: customer?.preferred_channel ?? '',
    preferred_hours: customer?.preferred_hours ?? '',
    notes: customer?.notes ?? '',
    owner_id: customer?.owner_id ?? null,
  })
  const [busy, run] = useDeed((refusal) => (refusal.code === 'stale' ? setStale(refusal) : tellRefusal(refusal)))
  const set = (changes: Partial<typeof fields>) => setFields({ ...fields, ...changes })

  function save(event: React.FormEvent) {
    event.preventDefault()
    void run(async () => {
      if (!customer) {
        const made = await ask('post', '/customers', { body: fields })
        close(made.id)
        return
      }
      const changed = Object.fromEntries(
        Object.entries(fields).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(customer[name as keyof CustomerDetail])),
      ) as Patch
      await ask('patch', '/customers/{customer_id}', { path: { customer_id: customer.id }, body: changed, version: customer.version })
      touch(`customer:${customer.id}`)
      tell(t('saved'))
      close()
    })
  }

  const languages = [...new Set(['en', 'zh', 'zh-CN', fields.language].filter(Boolean))]
  return (
    <Modal opened onClose={() => close()} title={customer ? t('edit_customer') : t('new_customer')} size="lg">
      <form onSubmit={save}>
        <Stack>
          {stale && (
            <Alert color="orange" role="alert">
              <Group justify="space-between">
                <Text size="sm">{refusalWords(stale)}</Text>
                <Button size="compact-sm" onClick={() => (touch(`customer:${customer?.id}`), close())}>
                  {t('read_again')}
                </Button>
              </Group>
            </Alert>
          )}
          <Group grow>
            <TextInput label={t('name')} value={fields.name} maxLength={200} onChange={(event) => set({ name: event.currentTarget.value })} data-autofocus />
            <TextInput label={t('first_name')} value={fields.first_name} maxLength={100} onChange={(event) => set({ first_name: event.currentTarget.value })} />
          </Group>
          <Group grow>
            <Select
              label={t('tier')}
              data={TIERS.map((tier) => ({ value: tier, label: word(tier) }))}
              value={fields.tier}
              allowDeselect={false}
              onChange={(tier) => tier && set({ tier })}
            />
            <Select
              label={t('language')}
              data={languages.map((code) => ({ value: code, label: languageName(code, language) }))}
              value={fields.language || null}
              clearable
              onChange={(code) => set({ language: code ?? '' })}
            />
            <Select
              label={t('owner')}
              data={agents.map((agent) => ({ value: agent.id, label: agent.name }))}
              value={fields.owner_id}
              clearable
              searchable
              onChange={(owner_id) => set({ owner_id })}
            />
          </Group>
          <TagsInput label={t('tags')} value={fields.tags} onChange={(tags) => set({ tags })} maxTags={50} />
          <Group grow>
            <TextInput label={t('preferred_channel')} value={fields.preferred_channel} maxLength={20} onChange={(event) => set({ preferred_channel: event.currentTarget.value })} />
            <TextInput label={t('preferred_hours')} value={fields.preferred_hours} maxLength={100} placeholder="09:00-12:00 Asia/Shanghai" onChange={(event) => set({ preferred_hours: event.currentTarget.value })} />
          </Group>
          <Textarea label={t('notes')} value={fields.notes} autosize minRows={2} maxRows={8} onChange={(event) => set({ notes: event.currentTarget.value })} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => close()}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={stale !== null}>
              {t('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

const KINDS = ['phone', 'email', 'whatsapp', 'web', 'external'] as const

export function AddIdentity({ customerId, close }: { customerId: string; close: () => void }) {
  const t = useWords()
  const word = useWord()
  const [kind, setKind] = useState<(typeof KINDS)[number]>('phone')
  const [value, setValue] = useState('')
  const [busy, run] = useDeed(tellRefusal)
  return (
    <Modal opened onClose={close} title={t('add_identity')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void run(() => ask('post', '/customers/{customer_id}/identities', { path: { customer_id: customerId }, body: { kind, value } })).then((done) => {
            if (!done) return
            touch(`customer:${customerId}`)
            close()
          })
        }}
      >
        <Stack>
          <Select label={t('kind')} data={KINDS.map((each) => ({ value: each, label: word(each) }))} value={kind} allowDeselect={false} onChange={(each) => each && setKind(each)} />
          <TextInput label={t('address')} value={value} onChange={(event) => setValue(event.currentTarget.value)} required data-autofocus />
          <Group justify="flex-end">
            <Button type="submit" loading={busy}>
              {t('add')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

export function MergeDialog({ customer, close }: { customer: CustomerDetail; close: () => void }) {
  const t = useWords()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState<{ id: string; name: string; link: string } | null>(null)
  const [reason, setReason] = useState('')
  const [busy, run] = useDeed(tellRefusal)
  const candidates = useAsked(`candidates ${customer.id}`, async () =>
    (await ask('get', '/customers/{customer_id}/merge-candidates', { path: { customer_id: customer.id } })).items,
  )
  const found = useAsked(text.trim().length > 1 ? `customers ${text.trim()}` : null, async () =>
    (await ask('get', '/customers', { query: { text: text.trim(), limit: 10 } })).items,
  )
  const merges = useAsked(
    `merges ${customer.id}`,
    async () => (await ask('get', '/customers/{customer_id}/merges', { path: { customer_id: customer.id } })).items,
    { on: [`customer:${customer.id}`] },
  )
  const choices = [
    ...(candidates.data ?? []).map((each) => ({ id: each.customer_id, name: each.name, link: each.address })),
    ...(found.data ?? []).map((each) => ({ id: each.id, name: each.name, link: '' })),
  ].filter((each, index, all) => each.id !== customer.id && all.findIndex((one) => one.id === each.id) === index)
  const undo = (id: string) =>
    void run(() => ask('post', '/merges/{merge_id}/undo', { path: { merge_id: id } })).then(() => touch(`customer:${customer.id}`))
  return (
    <Modal opened onClose={close} title={t('merge_title', { name: customer.name })} size="lg">
      <Stack>
        <Text size="sm">{t('merge_hint')}</Text>
        <TextInput label={t('search_customer')} value={text} onChange={(event) => setText(event.currentTarget.value)} data-autofocus />
        <ul className="choices">
          {choices.map((each) => (
            <li key={each.id}>
              <UnstyledButton className="row" data-open={chosen?.id === each.id || undefined} aria-pressed={chosen?.id === each.id} onClick={() => setChosen(each)}>
                <Text size="sm" fw={600}>
                  {each.name || each.id}
                </Text>
                {each.link && (
                  <Text size="xs" c="dimmed">
                    {t('same_address')} {each.link}
                  </Text>
                )}
              </UnstyledButton>
            </li>
          ))}
        </ul>
        <TextInput label={t('merge_reason')} value={reason} maxLength={500} onChange={(event) => setReason(event.currentTarget.value)} required />
        <Group justify="flex-end">
          <Button
            color="red"
            loading={busy}
            disabled={!chosen || !reason.trim()}
            onClick={() =>
              void run(() =>
                ask('post', '/customers/{customer_id}/merges', {
                  path: { customer_id: customer.id },
                  body: { from_id: chosen!.id, reason: reason.trim(), link: chosen!.link },
                }),
              ).then((done) => {
                if (!done) return
                touch(`customer:${customer.id}`)
                tell(t('merged'))
                close()
              })
            }
          >
            {t('merge')}
          </Button>
        </Group>
        {(merges.data ?? [])
          .filter((merge) => !merge.undone_at)
          .map((merge) => (
            <Group key={merge.id} justify="space-between">
              <Text size="sm">
                {t('merged_from', { id: merge.from_id })} · {merge.reason}
              </Text>
              <Button size="compact-sm" variant="light" onClick={() => undo(merge.id)} disabled={busy}>
                {t('undo')}
              </Button>
            </Group>
          ))}
      </Stack>
    </Modal>
  )
}
