import '@mantine/core/styles.css'
import './desk.css'
import { createRoot } from 'react-dom/client'
import { wakeWithFirstGesture } from '../../shared/phone/audio'
import { App } from './app'
import { dropOldDrafts } from './drafts'
import { resume } from './session'

// What makes style sheets at run time (Mantine, react-remove-scroll) signs them with the page's nonce.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
;(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce

wakeWithFirstGesture()
dropOldDrafts()
void resume()
createRoot(document.getElementById('root')!).render(<App nonce={nonce} />)
