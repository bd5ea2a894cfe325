import { expect, test } from 'vitest'
import { virtualClock } from '../memory/virtual-clock.ts'
import { type Monitor, noopMonitor } from '../ports/monitor.ts'
import { type ContentVerdict, defaultPolicy, type Policy } from '../ports/policy.ts'
import { type HubOptions, openHub } from './hub.ts'

async function room(options: HubOptions = {}, policy: Partial<Policy> = {}) {
  const clock = virtualClock()
  const refusals: string[] = []
  const monitor: Monitor = { ...noopMonitor, refused: what => void refusals.push(what) }
  const hub = await openHub({ clock, monitor, policy: { ...defaultPolicy, ...policy }, ...options })
  const join = (username: string, more: object = {}) => hub.join({ username, ...more })
  return { clock, join, refusals }
}

const rate = { per_second: 2, burst: 4 }
const annotating: Partial<Policy> = { room: () => ({ policy: 'annotate' }) }
const limited = (retry_after_ms: number) => ({ code: 'rate-limited', data: { retry_after_ms } })

test('[Y1] a call above the rate does nothing, gives a retry time, and is not remembered', async () => {
  const { clock, join, refusals } = await room({ rateLimit: rate })
  const ada = await join('Ada')
  const ben = await join('Ben')
  for (const key of ['1', '2', '3', '4']) await ada.append({ text: key, key })
  await expect(ada.append({ text: '5', key: '5' })).rejects.toMatchObject(limited(500))
  await expect(ada.check({ timeout_ms: 0 })).rejects.toMatchObject(limited(500))
  await expect(ada.push({ key: '6' })).rejects.toMatchObject(limited(500))
  expect(() => ada.who()).toThrow(expect.objectContaining(limited(500)))
  await expect(ben.append({ text: 'of another' })).resolves.toMatchObject({ status: 1 })
  await clock.advance(500)
  await expect(ada.append({ text: '5', key: '5' })).resolves.toMatchObject({ suffix: '12345' })
  await clock.advance(500)
  await expect(ada.push({ key: '6' })).resolves.toMatchObject({ status: 1, seq: 1 })
  expect(refusals).toEqual(['rate', 'rate', 'rate', 'rate'])
})

test('[Y1] invalid and empty calls are reported before the rate; leaving is not limited', async () => {
  const { join } = await room({ rateLimit: { per_second: 1, burst: 1 } })
  const ada = await join('Ada')
  ada.who()
  await expect(ada.push()).rejects.toMatchObject({ code: 'no-draft' })
  await expect(ada.publish({ content: 'x'.repeat(20_001), base: 0, key: 'k' })).rejects.toMatchObject({
    code: 'invalid-params',
  })
  await expect(ada.publish({ content: 'x', base: 0, key: 'l' })).rejects.toMatchObject({ code: 'rate-limited' })
  await ada.leave()
})

test('[Y2] the rate does not limit the participant with the floor', async () => {
  const { join, clock } = await room({ rateLimit: { per_second: 1, burst: 5 } })
  const ada = await join('Ada')
  const ben = await join('Ben')
  await ada.append({ text: 'mine' })
  for (let times = 0; times < 3; times++) {
    await clock.advance(1000)
    await ben.publish({ content: 'quick', base: times, key: `b${times}` })
    await expect(ada.push()).resolves.toMatchObject({ held: true })
  }
  // She has the floor, and uses up the rest of her rate.
  await expect(async () => {
    for (;;) ada.who()
  }).rejects.toMatchObject({ code: 'rate-limited' })
  await expect(ada.push()).resolves.toMatchObject({ status: 1 })
})

test('[Y3] a message that the content policy refuses is not sent, with the reason, and the draft stays', async () => {
  const { join, refusals } = await room(
    {},
    { content: text => ({ allowed: text !== 'rude', reason: 'it is rude' }) as ContentVerdict },
  )
  const ada = await join('Ada')
  await ada.append({ text: 'rude' })
  await expect(ada.push()).rejects.toMatchObject({ code: 'content-policy', data: { reason: 'it is rude' } })
  expect((await ada.preview()).draft).toBe('rude')
  expect(refusals).toEqual(['content'])
})

test('[Y3] a content policy that takes too long is ignored, and the same key may be tried again', async () => {
  const verdicts: ((verdict: ContentVerdict) => void)[] = []
  const { clock, join } = await room(
    { hook_timeout_ms: 300 },
    { content: () => new Promise<ContentVerdict>(resolve => verdicts.push(resolve)) },
  )
  const ada = await join('Ada')
  await ada.append({ text: 'slow' })
  const pushing = expect(ada.push({ key: 'k' })).rejects.toMatchObject({
    code: 'unavailable',
    data: { retry_after_ms: 1000 },
  })
  await clock.advance(300)
  await pushing
  verdicts[0]!({ allowed: true })
  const again = ada.push({ key: 'k' })
  await clock.advance(1)
  verdicts[1]!({ allowed: true })
  await expect(again).resolves.toMatchObject({ status: 1, seq: 1 })
})

test('[Y4] models that answer each other must pause after their laps, until a person writes or the pause ends', async () => {
  const { clock, join, refusals } = await room({}, { ...annotating, loopGuard: () => ({ laps: 2, rest_ms: 10_000 }) })
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const person = await join('Person', { person: true })
  let seq = 0
  const say = async (who: typeof ada, key?: string) => {
    const answer = await who.publish({ content: 'x', base: 0, key: key ?? `${seq}` })
    seq++
    return answer
  }
  for (const who of [ada, ben, ada, ben]) await say(who)
  await expect(say(ada, 'again')).rejects.toMatchObject({
    ...limited(10_000),
    message: expect.stringContaining(
      'rests. Your draft is kept. Push again in 10 seconds, or after a person has sent a message.',
    ),
  })
  await say(person)
  for (const who of [ada, ben, ada, ben]) await say(who)
  await expect(say(ben, 'later')).rejects.toMatchObject({ code: 'rate-limited' })
  await clock.advance(10_000)
  await expect(say(ben, 'later')).resolves.toMatchObject({ status: 1 })
  expect(refusals).toEqual(['loop', 'loop'])
})

test('[Y4] a participant cannot send more than its share of the newest messages', async () => {
  const loops = { laps: 1000, rest_ms: 10_000, share: 1, window: 4 }
  const { join } = await room({}, { ...annotating, loopGuard: name => (name === 'lobby' ? loops : undefined) })
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  for (const key of ['0', '1']) await ada.publish({ content: 'x', base: 0, key })
  await ben.publish({ content: 'x', base: 0, key: '2' })
  await ada.publish({ content: 'x', base: 0, key: '3' })
  await expect(ada.publish({ content: 'x', base: 0, key: '4' })).rejects.toMatchObject({
    message: expect.stringContaining('more than your share'),
  })
  await expect(ben.publish({ content: 'x', base: 0, key: '4' })).resolves.toMatchObject({ status: 1 })
})
