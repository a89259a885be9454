import { describe, expect, test } from 'vitest'
import { type Outputs, Speaker } from './speaker'

/** Outputs that end when the test says so. */
function outputs() {
  const did: string[] = []
  const ends: (() => void)[] = []
  const until = (what: string, signal: AbortSignal) => {
    did.push(what)
    return new Promise<void>((resolve) => {
      ends.push(resolve)
      signal.addEventListener('abort', () => resolve())
    })
  }
  const made: Outputs = {
    speak: (text, _language, signal) => until(text, signal),
    play: (url, signal) => until(url, signal),
    wait: (seconds, signal) => until(`${seconds} s`, signal),
    music: (url, signal) => {
      did.push(`music ${url}`.trim())
      signal.addEventListener('abort', () => did.push('silence'))
    },
  }
  const end = async () => {
    ends.shift()?.()
    await Promise.resolve()
    await new Promise((resolve) => queueMicrotask(() => resolve(null)))
  }
  return { did, end, made }
}

describe('what is said', () => {
  test('is said in order, and is heard when its last item was', async () => {
    const { did, end, made } = outputs()
    const speaker = new Speaker(made)
    let heard = 0
    const said = speaker.say(1, [{ text: 'a' }, { pause: 2 }, { play: 'u' }], () => heard++)
    expect(did).toEqual(['a'])
    await end()
    await end()
    expect([did, heard, speaker.saying]).toEqual([['a', '2 s', 'u'], 0, true])
    await end()
    await said
    expect([heard, speaker.saying]).toEqual([1, false])
  })

  test('ends at once where it is stopped, and was not heard', async () => {
    const { did, made } = outputs()
    const speaker = new Speaker(made)
    let heard = 0
    const said = speaker.say(3, [{ text: 'a' }, { text: 'b' }], () => heard++)
    speaker.stop(2)
    expect(speaker.saying).toBe(true)
    speaker.stop(3)
    await said
    expect([did, heard, speaker.saying]).toEqual([['a'], 0, false])
  })

  test('gives way to what is said after it', async () => {
    const { did, end, made } = outputs()
    const speaker = new Speaker(made)
    const heard: number[] = []
    const first = speaker.say(1, [{ text: 'a' }, { text: 'b' }], () => heard.push(1))
    const second = speaker.say(2, [{ text: 'c' }], () => heard.push(2))
    await first
    await end()
    await end()
    await second
    expect([did, heard]).toEqual([['a', 'c'], [2]])
  })

  test('is music until it is stopped', async () => {
    const { did, made } = outputs()
    const speaker = new Speaker(made)
    let heard = 0
    await speaker.say(7, [{ music: true }], () => heard++)
    expect([did, speaker.saying]).toEqual([['music'], false])
    speaker.stop(7)
    expect([did, heard]).toEqual([['music', 'silence'], 0])
    expect(speaker.silence()).toBeNull()
  })

  test('may be music from somewhere', async () => {
    const { did, made } = outputs()
    const speaker = new Speaker(made)
    await speaker.say(8, [{ play: '/30.wav', music: true }], () => did.push('heard'))
    expect(speaker.saying).toBe(false)
    speaker.stop(8)
    expect(did).toEqual(['music /30.wav', 'silence'])
  })

  test('of nothing is heard at once', async () => {
    let heard = 0
    await new Speaker(outputs().made).say(1, [], () => heard++)
    expect(heard).toBe(1)
  })
})
