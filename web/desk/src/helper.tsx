// What the desk does by itself when something happens: sounds, notices of the browser, words for troubles.
import { useEffect } from 'react'
import { blip, ring, type Stop } from '../../shared/phone/tones'
import { useAgentName, useCalled } from './known'
import { onNotice, useLive } from './live/store'
import { useWord } from './parts/bits'
import { tell } from './parts/toasts'
import { go } from './router'
import { useSoftphone } from './softphone'
import { useWords } from './words'

export function Helper() {
  const t = useWords()
  const word = useWord()
  const nameOf = useAgentName()
  const called = useCalled()
  const { desk } = useLive()
  const phone = useSoftphone()
  const rings = Object.keys(desk.offers).length > 0 || phone.calls.some((call) => call.state === 'ringing_here' && !call.answered)
  useEffect(() => {
    if (!rings) return
    let stop: Stop | null = null
    try {
      stop = ring()
    } catch {
      // No sound on this machine.
    }
    return () => stop?.()
  }, [rings])
  useEffect(
    () =>
      onNotice((notice, before) => {
        switch (notice.event) {
          case 'offer': {
            if (before.offers[notice.data.work.id]?.id === notice.data.offer.id) return
            notify(t('offer_of', { kind: word(notice.data.work.kind) }), called(notice.data.work.reason), `offer ${notice.data.work.id}`)
            return
          }
          case 'offer_over':
            if (notice.data.reason === 'expired') tell(t('offer_expired'), true)
            else if (notice.data.reason !== 'accepted' && notice.data.reason !== 'declined') tell(t('offer_revoked'))
            return
          case 'message':
            if (document.hidden) notify(t('customer_wrote'), notice.data.text.slice(0, 120), notice.data.contact_id)
            try {
              blip()
            } catch {
              // No sound on this machine.
            }
            return
          case 'trouble':
            tell(`${t('trouble')}: ${word(notice.data.reason)}`, true)
            return
          case 'handed_back':
            tell(t('handed_back'))
            return
          case 'consult_joined':
            tell(t('consult_joined', { name: nameOf(notice.data.agent_id) }))
            return
          case 'consult_over':
            tell(t('consult_over'))
            return
        }
      }),
    [t, word, nameOf, called],
  )
  return null
}

function notify(title: string, body: string, tag: string): void {
  if (!('Notification' in window) || Notification.permission !== 'granted') return
  try {
    const shown = new Notification(title, { body, tag, icon: '/desk/icon.svg', requireInteraction: tag.startsWith('offer') })
    shown.onclick = () => {
      window.focus()
      go('/work')
      shown.close()
    }
  } catch {
    // Some mobile browsers have notices only for service workers.
  }
}
