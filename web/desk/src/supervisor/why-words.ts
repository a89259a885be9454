// Why work waits, or is with whom it is, as one sentence and as lines, PURE: the engine's reasons in the desk's language.
import type { Schemas } from '../api/client'
import { clockOf } from '../time'
import { isKey, type Key, languageName, type Language, type Words } from '../words'

export type Why = Schemas['WorkWhy']
export type WhyAgent = Schemas['WhyAgent']
export type NextStep = Schemas['NextStep']
type Waiting = Schemas['Waiting']

export interface Telling {
  t: Words
  language: Language
  /** Names of agents by id, and titles of queues by name. */
  nameOf: (agentId: string) => string
  titleOf: (queue: string) => string
  /** A code of the engine's as people say it. */
  word: (code: string) => string
  /** The server's time, ms. */
  now: number
}

const NEAREST = ['free', 'not_yet', 'waiting_for_owner', 'busy', 'declined', 'not_responding', 'break', 'offline', 'lacks_language', 'lacks_skill', 'not_wanted']

/** `why_` and the reason, where there are words for it. */
function key(prefix: string, code: string): Key | null {
  const found = `${prefix}_${code}`
  return isKey(found) ? found : null
}

function list(parts: string[], { language }: Telling): string {
  return parts.join(language === 'zh' ? '、' : ', ')
}

/** `Place 3 of 7; 2 agents serve this queue: 1 at capacity, 1 on a break.` */
export function waitingSentence(why: Why, waiting: Waiting, telling: Telling): string {
  const { t, language } = telling
  const [between, end] = language === 'zh' ? ['；', '。'] : ['; ', '.']
  const place = waiting.place === null ? t('why_no_place') : t('why_place', { place: waiting.place, count: waiting.length })
  return [place, whoServes(why, waiting, telling)].join(between) + end
}

function whoServes(why: Why, waiting: Waiting, telling: Telling): string {
  const { t } = telling
  if (why.wanted) {
    const wanted = waiting.agents[0]
    const reason = wanted ? reasonOf(wanted, waiting, telling) : t('why_not_here')
    return t('why_wanted', { name: telling.nameOf(why.wanted), reason })
  }
  if (waiting.serving === 0) return t('why_nobody_serves')
  if (waiting.online === 0) return t('why_nobody_online')
  const reasons = NEAREST.filter((each) => waiting.reasons[each]).map((each) => {
    const found = key('why_n', each)
    return found ? t(found, { count: waiting.reasons[each]! }) : `${waiting.reasons[each]} ${each}`
  })
  return t(waiting.serving === 1 ? 'why_serves' : 'why_serve', { count: waiting.serving, reasons: list(reasons, telling) })
}

/** Why one agent does not have it, with what they do instead. */
export function reasonOf(agent: WhyAgent, waiting: Waiting, telling: Telling): string {
  const { t, word, now } = telling
  const since = agent.since ? clockOf(now - Date.parse(agent.since)) : ''
  switch (agent.reason) {
    case 'busy':
      return t('why_busy', { status: word(agent.status), time: since })
    case 'break':
      return t('why_break', { reason: word(agent.presence_reason || 'break'), time: since })
    case 'not_responding':
      return t('why_not_responding', { time: since })
    case 'declined':
      return t('why_declined', { time: agent.until ? clockOf(Date.parse(agent.until) - now) : '' })
    case 'lacks_language':
      return t('why_lacks_language', { language: languageName(waiting.language, telling.language) })
    case 'lacks_skill':
      return t('why_lacks_skill', {
        skills: list(agent.lacking.map((each) => t('why_lacking', { skill: word(each.skill), needed: each.needed, has: each.has })), telling),
      })
    case 'waiting_for_owner':
      return t('why_kept', { names: list(waiting.kept_for.map(telling.nameOf), telling) })
    default: {
      const found = key('why', agent.reason)
      return found ? t(found) : word(agent.reason)
    }
  }
}

function levels(skills: Record<string, number>, telling: Telling): string {
  const { t, word } = telling
  return list(Object.entries(skills).map(([skill, level]) => t('why_level', { skill: word(skill), level })), telling)
}

/** What the work asks for: skills at their least level, and the language. */
export function needsOf(waiting: Waiting, telling: Telling): string {
  const { t } = telling
  const skills = waiting.needs.map((each) => levels(each, telling))
  const asked = skills.filter((each) => each).join(` ${t('why_or')} `)
  return [asked, languageName(waiting.language, telling.language)].filter((each) => each).join(' · ')
}

export function expectedOf(waiting: Waiting, t: Words): string {
  if (waiting.expected_wait === null) return ''
  const clock = (seconds: number | null) => clockOf((seconds ?? 0) * 1000)
  if (waiting.expected_wait < 1) return t('why_at_once')
  return t('why_about', { time: clock(waiting.expected_wait), low: clock(waiting.expected_low), high: clock(waiting.expected_high) })
}

/** `in 0:12: levels 2 lower will do (1 more at work)`. */
export function stepOf(step: NextStep, telling: Telling): string {
  const { t, now } = telling
  const left = Date.parse(step.at) - now
  const what = whatComes(step, telling)
  return left > 0 ? t('why_in', { time: clockOf(left), what }) : t('why_now', { what })
}

function whatComes(step: NextStep, telling: Telling): string {
  const { t } = telling
  switch (step.kind) {
    case 'overflow':
      return overflow(step, telling)
    case 'ring':
      return t('why_ring', { what: ring(step, telling), count: step.agents })
    case 'ask_again':
      return t('why_ask_again', { name: telling.nameOf(step.agent_id) })
    default:
      return t(step.kind === 'open_to_all' ? 'why_open_to_all' : 'why_its_time')
  }
}

function overflow(step: NextStep, { t, titleOf }: Telling): string {
  const queue = titleOf(step.queue)
  if (step.held_up === 'nobody_there') return t('why_overflow_nobody', { queue })
  if (step.held_up === 'line_is_short') return t('why_overflow_short', { queue, count: step.longer_than ?? 0 })
  return t('why_overflow', { queue, count: step.agents })
}

function ring(step: NextStep, telling: Telling): string {
  const { t, titleOf } = telling
  const skills = levels(step.required, telling)
  const parts = [
    skills && t('why_ring_required', { skills }),
    step.lower ? t('why_ring_lower', { count: step.lower }) : '',
    step.language === 'required' ? t('why_ring_strict') : step.language ? t('why_ring_language') : '',
    step.queues.length ? t('why_ring_queues', { queues: list(step.queues.map(titleOf), telling) }) : '',
  ].filter((each) => each)
  return parts.length ? list(parts, telling) : t('why_ring_wider')
}

interface Offered {
  agent_id?: string
  waited?: number
  why?: { strategy?: string; candidate_count?: number; passed_over?: { agent_id: string; reason: string }[] }
}

/** Why it is with whom it is; '' where no decision led there. */
export function decidedSentence(why: Why, telling: Telling): string {
  const { t, nameOf } = telling
  const last = why.decisions.findLast((each) => each.kind === 'offered' || each.kind === 'taken')
  if (!last) return ''
  const offered = last.data as Offered
  const name = nameOf(offered.agent_id ?? '')
  if (last.kind === 'taken') return t('why_taken', { name })
  const strategy = key('why_s', offered.why?.strategy ?? '')
  return t(offered.why?.candidate_count === 1 ? 'why_asked_only' : 'why_asked', {
    name,
    time: clockOf((offered.waited ?? 0) * 1000),
    strategy: strategy ? t(strategy) : (offered.why?.strategy ?? ''),
    count: offered.why?.candidate_count ?? 0,
  })
}

/** Who was passed over in that decision, each with the reason, in one phrase for each. */
export function passedOver(why: Why, telling: Telling): string[] {
  const last = why.decisions.findLast((each) => each.kind === 'offered')
  return ((last?.data as Offered | undefined)?.why?.passed_over ?? []).map((each) => {
    const reason = key('why_p', each.reason)
    return telling.t('why_was', { name: telling.nameOf(each.agent_id), reason: reason ? telling.t(reason) : each.reason })
  })
}
