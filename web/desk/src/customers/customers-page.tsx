// Finding customers, and one of them with all that is known.
import { Button, Group, Table, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useAsked } from '../api/asked'
import { ask } from '../api/client'
import { useAgentName, useCalled } from '../known'
import { Nothing, Shown, To, Word } from '../parts/bits'
import { Icon } from '../parts/icons'
import { go } from '../router'
import { Leave } from '../shell'
import { languageName, useLanguage, useWords } from '../words'
import { CustomerCard } from './customer-card'
import { CustomerForm } from './customer-forms'

export default function CustomersPage({ customerId }: { customerId: string | undefined }) {
  const t = useWords()
  if (customerId) {
    return (
      <div className="page narrow">
        <Leave to="/customers">{t('customers')}</Leave>
        <CustomerCard customerId={customerId} alone />
      </div>
    )
  }
  return <List />
}

function List() {
  const t = useWords()
  const language = useLanguage()
  const nameOf = useAgentName()
  const called = useCalled()
  const [text, setText] = useState('')
  const [making, setMaking] = useState(false)
  const [wanted] = useDebouncedValue(text.trim(), 250)
  const asked = useAsked(`customers list ${wanted}`, () =>
    ask('get', '/customers', { query: { limit: 50, ...(wanted ? { text: wanted } : {}) } }),
  )
  return (
    <div className="page">
      <Group mb="md">
        <TextInput flex={1} leftSection={<Icon name="search" size={16} />} placeholder={t('customer_search_hint')} aria-label={t('customer_search_hint')} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <Button leftSection={<Icon name="plus" />} onClick={() => setMaking(true)}>
          {t('new_customer')}
        </Button>
      </Group>
      <Shown of={asked}>
        {(page) =>
          page.items.length === 0 ? (
            <Nothing icon="users">{t('nothing_found')}</Nothing>
          ) : (
            <Table.ScrollContainer minWidth={480}>
              <Table highlightOnHover>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('name')}</Table.Th>
                    <Table.Th>{t('tier')}</Table.Th>
                    <Table.Th>{t('language')}</Table.Th>
                    <Table.Th>{t('owner')}</Table.Th>
                    <Table.Th>{t('tags')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {page.items.map((customer) => (
                    <Table.Tr key={customer.id}>
                      <Table.Td>
                        <To to={`/customers/${customer.id}`}>{customer.name || customer.id}</To>
                      </Table.Td>
                      <Table.Td>
                        <Word code={customer.tier} />
                      </Table.Td>
                      <Table.Td>{languageName(customer.language, language)}</Table.Td>
                      <Table.Td>{nameOf(customer.owner_id)}</Table.Td>
                      <Table.Td>{customer.tags.map(called).join(', ')}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Shown>
      {making && <CustomerForm close={(id) => (setMaking(false), id && go(`/customers/${id}`))} />}
    </div>
  )
}
