import { expect, test } from 'vitest'
import { virtualClock } from '../memory/virtual-clock.ts'
import { type Monitor, noopMonitor } from '../ports/monitor.ts'
import { type ContentVerdict, defaultPolicy, type Policy } from '../ports/policy.ts'
import { openHub } from './hub.ts'
import type { HubOptions } from './hub-options.ts'

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

test.each([
  [200, 'rate-limited'],
  [0, undefined],
])('[Y1] a content policy that takes %i ms counts as calls', async (ms, code) => {
  let allow: (verdict: ContentVerdict) => void = () => {}
  const content = () => new Promise<ContentVerdict>(resolve => (allow = resolve))
  const { clock, join } = await room({ rateLimit: rate }, { content })
  const ada = await join('Ada')
  const sent = ada.publish({ content: 'x', base: 0, key: 'k' })
  await clock.advance(ms)
  allow({ allowed: true })
  await expect(sent).resolves.toMatchObject({ status: 1 })
  // 4 calls at once, less one, and 200 ms cost 20 more.
  const next = await ada.append({ text: 'y' }).catch(error => error)
  expect(next.code).toBe(code)
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

/** Sends messages as a model, and as a program or a person that does not say so. */
const byModel = { by: 'model' }

test('[Y4] without settings, a room where only models speak rests after 50 laps, until anyone else speaks or a minute ends', async () => {
  const { clock, join, refusals } = await room({}, annotating)
  const [ada, ben, program] = [await join('Ada'), await join('Ben'), await join('Program')]
  let calls = 0
  const say = (who: typeof ada, meta?: object) =>
    who.publish({ content: 'x', base: 0, key: `${calls++}`, ...(meta && { meta: { ...meta } }) })
  const talk = async () => {
    for (let lap = 0; lap < 50; lap++) for (const who of [ada, ben]) await say(who, byModel)
  }
  await talk()
  await expect(say(ada, byModel)).rejects.toMatchObject(limited(60_000))
  await expect(say(ben, { by: 'model', more: 1 })).rejects.toMatchObject(limited(60_000))
  await say(program, { by: 'program' })
  await talk()
  await expect(say(ben, byModel)).rejects.toMatchObject(limited(60_000))
  await clock.advance(60_000)
  await say(ben, byModel)
  expect(refusals).toEqual(['loop', 'loop', 'loop'])
})

test.each([
  ['programs alone do not rest', {}, undefined],
  ['settings turn the guard off', { loopGuard: () => false as const }, byModel],
])('[Y4] %s', async (_what, policy, meta) => {
  const { join } = await room({}, { ...annotating, ...policy })
  const ada = await join('Ada')
  for (let n = 0; n < 120; n++) await ada.publish({ content: 'x', base: 0, key: `${n}`, ...(meta && { meta }) })
})

test('[Y4] a message that is not counted does not end a hush', async () => {
  const { join } = await room({}, annotating)
  const [ada, program] = [await join('Ada'), await join('Program')]
  const person = await join('Person', { person: true })
  person.hush(true)
  await expect(program.publish({ content: 'x', base: 0, key: 'k' })).rejects.toMatchObject(hushed)
  await expect(ada.publish({ content: 'x', base: 0, key: 'k', meta: byModel })).rejects.toMatchObject(hushed)
})

const hushed = { code: 'rate-limited', data: { reason: 'hushed', retry_after_ms: 30_000 } }

test('[Y5] a person silences the models until a person sends a message; models cannot', async () => {
  const { join, refusals } = await room({}, annotating)
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const person = await join('Person', { person: true })
  expect(() => ada.hush(true)).toThrow(expect.objectContaining({ code: 'content-policy' }))
  expect([person.hush(true), person.hush(true)]).toEqual([true, false])
  await ada.append({ text: 'mine' })
  await expect(ada.push({ key: 'k' })).rejects.toMatchObject(hushed)
  await expect(ben.publish({ content: 'x', base: 0, key: 'k' })).rejects.toMatchObject(hushed)
  await expect(ben.sendUnconditionally('x')).rejects.toMatchObject(hushed)
  expect((await ada.preview()).draft).toBe('mine')
  await person.publish({ content: 'x', base: 0, key: 'k' })
  await expect(ada.push({ key: 'k' })).resolves.toMatchObject({ status: 1 })
  person.hush(true)
  expect([person.hush(false), person.hush(false)]).toEqual([true, false])
  await expect(ben.publish({ content: 'x', base: 0, key: 'l' })).resolves.toMatchObject({ status: 1 })
  expect(refusals).toEqual(['loop', 'loop', 'loop'])
})

test('[Y5] a hush and its end by hand end the waiting checks of models alone', async () => {
  const { clock, join } = await room()
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const [person, other] = [await join('Person', { person: true }), await join('Other', { person: true })]
  const ended: string[] = []
  const check = (who: typeof ada) =>
    void who.check({ timeout_ms: 60_000 }).then(({ status }) => ended.push(`${who.joinResult.sender_id} ${status}`))
  check(other)
  for (const on of [true, false]) {
    check(ada)
    check(ben)
    await clock.settle()
    person.hush(on)
    await clock.settle()
  }
  expect(ended).toEqual(['Ada 0', 'Ben 0', 'Ada 0', 'Ben 0'])
  await clock.advance(60_000)
  expect(ended.at(-1)).toBe('Other 0')
})

test('[Y5] admission decides who is a person', async () => {
  const { join } = await room({}, { admit: ({ username }) => ({ allowed: true, person: username === 'Ada' }) })
  const [ada, ben] = [await join('Ada'), await join('Ben', { person: true })]
  expect(() => ben.hush(true)).toThrow(expect.objectContaining({ code: 'content-policy' }))
  expect(ada.hush(true)).toBe(true)
  await expect(ben.publish({ content: 'x', base: 0, key: 'k' })).rejects.toMatchObject(hushed)
})

test('[Y5] a session that joins again is a person if the admission of that join says so', async () => {
  const { join } = await room({}, { admit: ({ credential }) => ({ allowed: true, ...persons[String(credential)] }) })
  const persons: Readonly<Record<string, object>> = { person: { person: true }, model: { person: false } }
  const joinWith = (credential: string) => join('Ada', { secret: '0123456789abcdef', credential })
  const ada = await joinWith('person')
  await join('Ben')
  expect(ada.hush(true)).toBe(true)
  // An admission that does not say leaves it as it was.
  expect((await joinWith('unmarked')).hush(false)).toBe(true)
  expect(ada.hush(true)).toBe(true)
  await joinWith('model')
  expect(() => ada.hush(false)).toThrow(expect.objectContaining({ code: 'content-policy' }))
  await expect(ada.publish({ content: 'x', base: 0, key: 'k' })).rejects.toMatchObject(hushed)
  await joinWith('person')
  expect(ada.hush(false)).toBe(true)
})

test('[Y5] a hush ends the floor of a model, and refuses the pushes of models that wait', async () => {
  const { clock, join } = await room()
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const person = await join('Person', { person: true })
  await ada.append({ text: 'mine' })
  for (let times = 0; times < 3; times++) {
    await clock.advance(1000)
    await ben.publish({ content: 'quick', base: times, key: `b${times}` })
    await expect(ada.push()).resolves.toMatchObject({ held: true })
  }
  expect(ben.who().floor?.name).toBe('Ada')
  const waiting = expect(ben.publish({ content: 'waits', base: 3, key: 'w' })).rejects.toMatchObject(hushed)
  await person.check({ timeout_ms: 0 })
  const mine = person.publish({ content: 'mine', base: 3, key: 'p' })
  await clock.advance(1)
  person.hush(true)
  await waiting
  await expect(mine).resolves.toMatchObject({ status: 1, seq: 4 })
  expect(ben.who().floor).toBeUndefined()
})

test('[Y5] a hush holds for a push that waits for the content policy', async () => {
  const verdicts: ((verdict: ContentVerdict) => void)[] = []
  const { join } = await room({}, { content: () => new Promise<ContentVerdict>(resolve => verdicts.push(resolve)) })
  const [ada, person] = [await join('Ada'), await join('Person', { person: true })]
  await ada.append({ text: 'mine' })
  const pushing = expect(ada.push()).rejects.toMatchObject(hushed)
  await expect.poll(() => verdicts.length).toBe(1)
  person.hush(true)
  verdicts[0]!({ allowed: true })
  await pushing
})
