// A page that fails takes nothing else with it: calls go on, what rings still rings, and it can be tried again.
import { Alert, Button, Group, Text } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { words } from '../words'

export class Fence extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    const t = words()
    return (
      <Alert color="red" m="md" role="alert">
        <Group justify="space-between">
          <Text size="sm">{t('page_failed')}</Text>
          <Button size="compact-sm" color="red" variant="light" onClick={() => this.setState({ failed: false })}>
            {t('again')}
          </Button>
        </Group>
      </Alert>
    )
  }
}
