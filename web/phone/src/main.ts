// The customer's telephone, served at /phone. `?speak=off` says nothing and loses no time, for tests.
import './style.css'
import { wakeWithFirstGesture } from '../../shared/phone/audio'
import { Customer } from './customer'
import { keep, kept } from './keeping'
import { Page } from './page'
import { languageOf, type Language, TAGS, wordsIn } from './words'

const quick = new URLSearchParams(location.search).get('speak') === 'off'
let language: Language = languageOf(kept('language') || navigator.language)
let aloud = !quick && kept('aloud') !== 'no'
let page: Page | null = null

const customer = new Customer({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/phone/socket`,
  quick,
  aloud: () => aloud,
  own: () => kept('own'),
  changed: () => page?.refresh(),
})

function show(): void {
  const words = wordsIn(language)
  document.documentElement.lang = TAGS[language]
  document.title = words.title
  const shown = (page = new Page(customer, words, {
    language,
    aloud: () => aloud,
    speak: (on) => {
      aloud = on
      keep('aloud', on ? '' : 'no')
      shown.refresh()
    },
    choose: (chosen) => {
      language = chosen
      keep('language', chosen)
      show()
      document.getElementById('language')?.focus()
    },
  }))
  document.body.replaceChildren(...page.elements)
  page.refresh()
}

show()
wakeWithFirstGesture()
customer.phone.open()
// For end-to-end tests, which look at what is really sent and heard.
Object.assign(window, { customerPhone: () => customer.phone })
