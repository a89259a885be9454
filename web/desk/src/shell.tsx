// The frame around every page: where to go, one's presence, the connection, what rings, and the command palette.
import { ActionIcon, Alert, AppShell, Avatar, Badge, Burger, Button, Group, Kbd, Menu, NavLink, Text, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { forgetAsked } from './api/asked'
import { CallBar } from './call-bar'
import { Helper } from './helper'
import { mine, startLive, stopLive, useLive } from './live/store'
import { Offers } from './offers'
import { Palette } from './palette'
import { Nothing, follow } from './parts/bits'
import { Fence } from './parts/fence'
import { Icon, type IconName } from './parts/icons'
import { Switches } from './parts/switches'
import { PresenceMenu } from './presence'
import { go, hrefOf, usePlace } from './router'
import { may, type Me, signOut } from './session'
import { startSoftphone, stopSoftphone } from './softphone'
import { clockOf, useNow } from './time'
import { type Key, useWords } from './words'
import { WorkPage } from './work/work-page'
import type { Role } from './api/types'

const TicketsPage = lazy(() => import('./tickets/tickets-page'))
const CustomersPage = lazy(() => import('./customers/customers-page'))
const ContactPage = lazy(() => import('./contacts/contact-page'))
const Wallboard = lazy(() => import('./supervisor/wallboard'))
const AgentsPage = lazy(() => import('./supervisor/agents-page'))
const LivePage = lazy(() => import('./supervisor/live-page'))
const LogPage = lazy(() => import('./supervisor/log-page'))
const FlowsPage = lazy(() => import('./supervisor/flows-page'))

export interface Place {
  path: string
  title: Key
  icon: IconName
  role: Role
}

export const PLACES: Place[] = [
  { path: 'work', title: 'my_work', icon: 'desk', role: 'agent' },
  { path: 'tickets', title: 'tickets', icon: 'ticket', role: 'agent' },
  { path: 'customers', title: 'customers', icon: 'users', role: 'agent' },
  { path: 'wallboard', title: 'wallboard', icon: 'board', role: 'supervisor' },
  { path: 'agents', title: 'agents', icon: 'user', role: 'supervisor' },
  { path: 'live', title: 'live', icon: 'live', role: 'supervisor' },
  { path: 'log', title: 'log', icon: 'log', role: 'supervisor' },
  { path: 'flows', title: 'flows', icon: 'flow', role: 'supervisor' },
]

export function Shell({ me }: { me: Me }) {
  const [opened, menu] = useDisclosure(false)
  const place = usePlace()
  const where = place[0] ?? 'work'
  const t = useWords()
  useEffect(() => {
    startLive()
    startSoftphone()
    return () => {
      stopSoftphone()
      stopLive()
      forgetAsked()
    }
  }, [])
  useEffect(() => {
    menu.close()
  }, [place.join('/')])
  const title = PLACES.find((each) => each.path === where)?.title
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 196, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={0}
    >
      <a href="#page" className="skip">
        {t('skip')}
      </a>
      <AppShell.Header>
        <Group h="100%" px="sm" gap="xs" wrap="nowrap" justify="space-between">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={opened} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label={t('menu')} />
            <img src={hrefOf('/icon.svg')} width={28} height={28} alt="" className="logo" />
            <PresenceMenu me={me} />
          </Group>
          <Group gap={4} wrap="nowrap">
            <LinkShown />
            <Palette />
            <Group gap={0} visibleFrom="sm">
              <Switches />
            </Group>
            <MeMenu me={me} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label={t('pages')}>
        {PLACES.filter((each) => may(each.role)).map((each) => (
          <Page key={each.path} place={each} active={where === each.path} />
        ))}
        <Group hiddenFrom="sm" mt="auto" p="xs">
          <Switches />
        </Group>
        <Text size="xs" c="dimmed" mt="auto" p="xs" visibleFrom="sm">
          <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">K</Kbd> {t('commands')}
        </Text>
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1}>
        <Banner />
        <CallBar />
        <Suspense fallback={null}>
          <Titled title={title ? t(title) : t('desk')}>
            <Fence key={where}>{pageOf(where, place.slice(1))}</Fence>
          </Titled>
        </Suspense>
      </AppShell.Main>
      <Offers />
      <Helper />
    </AppShell>
  )
}

function pageOf(where: string, rest: string[]): ReactNode {
  switch (where) {
    case 'work':
      return <WorkPage workId={rest[0]} />
    case 'tickets':
      return <TicketsPage number={rest[0]} />
    case 'customers':
      return <CustomersPage customerId={rest[0]} />
    case 'contacts':
      return <ContactPage contactId={rest[0] ?? ''} />
  }
  if (!may('supervisor')) return <NoPage />
  switch (where) {
    case 'wallboard':
      return <Wallboard />
    case 'agents':
      return <AgentsPage />
    case 'live':
      return <LivePage />
    case 'log':
      return <LogPage />
    case 'flows':
      return <FlowsPage name={rest[0]} />
    default:
      return <NoPage />
  }
}

function NoPage() {
  const t = useWords()
  return <Nothing icon="search">{t('no_page')}</Nothing>
}

function Titled({ title, children }: { title: string; children: ReactNode }) {
  const { unread, desk } = useLive()
  const count = Object.values(unread).reduce((sum, each) => sum + each, 0) + Object.keys(desk.offers).length
  useEffect(() => {
    document.title = count > 0 ? `(${count}) ${title}` : title
  }, [title, count])
  return (
    <>
      <h1 className="unseen">{title}</h1>
      {children}
    </>
  )
}

function Page({ place, active }: { place: Place; active: boolean }) {
  const t = useWords()
  const { desk, unread } = useLive()
  const count = place.path === 'work' ? mine(desk).length : 0
  const fresh = place.path === 'work' && Object.keys(unread).length > 0
  return (
    <NavLink
      href={hrefOf(`/${place.path}`)}
      label={t(place.title)}
      leftSection={<Icon name={place.icon} />}
      active={active}
      aria-current={active ? 'page' : undefined}
      rightSection={
        count > 0 && (
          <Badge size="sm" circle color={fresh ? 'red' : 'teal'}>
            {count}
          </Badge>
        )
      }
      onClick={(event) => follow(event, `/${place.path}`)}
    />
  )
}

function LinkShown() {
  const t = useWords()
  const { link } = useLive()
  const colour = link === 'connected' ? 'green' : link === 'connecting' ? 'yellow' : 'red'
  return (
    <Tooltip label={t(`link_${link}`)}>
      <Group gap={6} wrap="nowrap" role="status" px={4}>
        <span className="dot" style={{ background: `var(--mantine-color-${colour}-6)` }} aria-hidden="true" />
        <Text size="xs" c="dimmed" visibleFrom="md">
          {t(`link_${link}`)}
        </Text>
        <span className="unseen">{t(`link_${link}`)}</span>
      </Group>
    </Tooltip>
  )
}

function Banner() {
  const t = useWords()
  const { link, lostAt } = useLive()
  const now = useNow()
  const [clock] = useState(() => Date.now)
  if (link !== 'lost' || lostAt === null) return null
  void now
  return (
    <Alert color="red" icon={<Icon name="alert" />} role="alert" radius={0} py="xs">
      {t('lost')} {clockOf(clock() - lostAt)}
    </Alert>
  )
}

function MeMenu({ me }: { me: Me }) {
  const t = useWords()
  const { desk } = useLive()
  const [sure, setSure] = useState(false)
  const held = mine(desk).length
  const initials = me.name
    .split(/\s+/)
    .map((part) => part[0])
    .slice(0, 2)
    .join('')
  return (
    <Menu position="bottom-end" width={240} onClose={() => setSure(false)}>
      <Menu.Target>
        <ActionIcon variant="transparent" size={40}>
          <span className="unseen">{me.name || t('me')}</span>
          <Avatar size={34} color="teal" variant="filled" alt="" aria-hidden="true">
            {initials || <Icon name="user" />}
          </Avatar>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name} · {t(`w_${me.role}`)}
        </Menu.Label>
        <Menu.Item leftSection={<Icon name="bell" />} onClick={() => void Notification.requestPermission()}>
          {t('allow_notices')}
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<Icon name="logout" />}
          closeMenuOnClick={held === 0 || sure}
          onClick={() => (held > 0 && !sure ? setSure(true) : void leave())}
        >
          {sure ? t('sign_out_anyway', { count: held }) : t('sign_out')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )

  async function leave() {
    const { setPresence } = await import('./deeds')
    await setPresence(me.agentId, 'offline').catch(() => undefined)
    await signOut()
    go('/', true)
  }
}

export function Leave({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Button variant="subtle" size="compact-sm" leftSection={<Icon name="left" />} onClick={() => go(to)}>
      {children}
    </Button>
  )
}
