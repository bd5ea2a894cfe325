import type { ScoreLog } from '@midsentence/core'
import { newHub } from '@midsentence/testing/harness/hub-harness'
import { recordedRooms } from '@midsentence/testing/harness/score-harness'
import { freshFolder, storeHarness } from '@midsentence/testing/harness/store-harness'
import { flip, opened, sentMessage } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { verifyStore } from './copies/verify.ts'
import type { LmdbStoreOptions } from './store.ts'

const texts = (messages: readonly { readonly content: string }[]) => messages.map(({ content }) => content)

/** Opens a hub with a snapshot every ten records; each call reopens the store. */
function hubsIn(directory: string, options: LmdbStoreOptions = {}) {
  return async () => {
    const store = await opened(directory, onTestFinished, options)
    const { log, sessions } = store
    const hubs = await newHub({ log, sessions, tail: 1, snapshotEvery: { records: 10, facts: 20 } })
    const end = async () => {
      await hubs.hub.close()
      await store.close()
    }
    return { ...hubs, store, end }
  }
}

test('[G1] a hub continues from the store where it was, across snapshots', async () => {
  const hubs = hubsIn(freshFolder(onTestFinished))
  const first = await hubs()
  const ada = await first.join('Ada')
  const ben = await first.join('Ben')
  for (let n = 1; n <= 25; n++) {
    await ada.append({ text: `${n}`, key: `a${n}` })
    await ada.push({ key: `p${n}` })
  }
  const sent = await ada.push({ key: 'p25' })
  await ada.append({ text: 'in the middle of ', key: 'last' })
  await first.end()

  const second = await hubs()
  expect((await second.store.log.snapshots!.load('lobby'))?.position).toBe(await second.store.log.head('lobby'))
  const again = second.hub.enter(ada.joinResult.token)
  expect(await again.resume()).toMatchObject({ suffix: 'in the middle of ', cursor: 25 })
  expect(await again.push({ key: 'p25' })).toEqual(sent)
  expect(sent).toMatchObject({ status: 1, seq: 25, durability: 'flushed' })
  await again.append({ text: 'a sentence' })
  expect(await again.push()).toMatchObject({ status: 1, seq: 26 })
  const answer = await second.hub.enter(ben.joinResult.token).check()
  expect(texts(answer.messages)).toEqual([
    ...Array.from({ length: 25 }, (_, n) => `${n + 1}`),
    'in the middle of a sentence',
  ])
  await second.end()
})

test('[L3] retention by count keeps the newest messages, reports the removed ones as missed, and nothing is sent twice', async () => {
  const hubs = hubsIn(freshFolder(onTestFinished), { retention: { messages: 5 } })
  const first = await hubs()
  const ada = await first.join('Ada')
  const ben = await first.join('Ben')
  for (let n = 1; n <= 60; n++) await first.say(ada, `${n}`)
  await ada.append({ text: 'kept ' })
  await first.end()

  const second = await hubs()
  const { log } = second.store
  const left = await log.messages('lobby', 0, 99)
  // Messages that no snapshot covers stay too.
  expect(left.length).toBeGreaterThanOrEqual(5)
  expect(left.length).toBeLessThan(30)
  expect(left.at(-1)?.seq).toBe(60)
  const from = left[0]!.seq
  const answer = await second.hub.enter(ben.joinResult.token).check()
  expect(answer.missed).toEqual({ from: 1, to: from - 1 })
  expect(texts(answer.messages)).toEqual(left.map(({ content }) => content))
  const again = second.hub.enter(ada.joinResult.token)
  expect(await again.preview()).toMatchObject({ draft: 'kept ', messages: [] })
  expect(await again.push()).toMatchObject({ status: 1, seq: 61 })
  await second.end()
})

test('[L7] retention by age keeps younger messages, and always the newest one', async () => {
  let now = Date.parse('2026-01-02T00:00:00.000Z')
  const hour = 3_600_000
  const directory = freshFolder(onTestFinished)
  const store = await opened(directory, onTestFinished, { retention: { age_ms: 10 * hour }, now: () => now })
  const { log } = store
  const first = Date.parse('2026-01-01T00:00:00.000Z')
  const at = (hours: number) => new Date(first + hours * hour).toISOString()
  let position = await log.append(
    'lobby',
    Array.from({ length: 24 }, (_, n) => sentMessage(n + 1, `${n}`, at(n))),
    '0-0-0',
  )
  const kept = async () => (await log.messages('lobby', 0, 99)).map(({ seq }) => seq)
  const save = () => log.snapshots!.save('lobby', { position, state: {} })
  expect(await kept()).toHaveLength(24)
  await save()
  expect(await kept()).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23, 24])
  now += 1000 * hour
  await save()
  expect(await kept()).toEqual([24])
  position = await log.append('lobby', [sentMessage(25)], position)
  expect(await kept()).toEqual([24, 25])
})

test('[L7] reading removed records fails with `unavailable`, and a row keeps its newer records', async () => {
  const store = await opened(freshFolder(onTestFinished), onTestFinished, { retention: { messages: 1 } })
  const { log } = store
  const first = await log.append('lobby', [sentMessage(1)], '0-0-0')
  const third = await log.append('lobby', [sentMessage(2), sentMessage(3)], first)
  for (const _ of ['', 'again']) await log.snapshots!.save('lobby', { position: third, state: {} })
  expect(await log.messages('lobby', 0, 9)).toHaveLength(1)
  await expect(log.records('lobby', first)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: 'unavailable',
  })
  const rest = log.records('lobby')[Symbol.asyncIterator]()
  expect((await rest.next()).value).toEqual(sentMessage(3))
})

test('[G11] a snapshot of another log is ignored; after an older one, the rest is read from the log', async () => {
  const { log } = await opened(freshFolder(onTestFinished), onTestFinished)
  const first = await log.append('lobby', [sentMessage(1)], '0-0-0')
  for (const position of ['2-2-0', '1-1-1', '99-99-0', 'nowhere']) {
    await log.snapshots!.save('lobby', { position, state: 'of another log' })
    expect(await log.snapshots!.load('lobby')).toBeUndefined()
  }
  await log.snapshots!.save('lobby', { position: first, state: 'stale' })
  await log.append('lobby', [sentMessage(2)], first)
  expect(await log.snapshots!.load('lobby')).toEqual({ position: first, state: 'stale' })
  const rest = log.records('lobby', first)[Symbol.asyncIterator]()
  expect((await rest.next()).value).toEqual(sentMessage(2))
})

test('[G11] a hub does not open if both snapshots of removed records are damaged: a draft could be sent twice', async () => {
  const directory = freshFolder(onTestFinished)
  const hubs = hubsIn(directory, { retention: { messages: 5 } })
  const first = await hubs()
  const ada = await first.join('Ada')
  for (let n = 1; n <= 60; n++) await first.say(ada, `${n}`)
  await first.end()
  for (let generation = 1; generation <= 30; generation++) flip(directory, `"generation":${generation},`)
  const { log, sessions } = await opened(directory, onTestFinished)
  await expect(newHub({ log, sessions })).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('every snapshot that covers removed records is damaged'),
  })
  expect((await log.messages('lobby', 0, 99)).at(-1)?.seq).toBe(60)
})

test('[G1] a participant still has the floor after the process was killed', async () => {
  const harness = storeHarness(store => store)
  onTestFinished(() => harness.close())
  const { join } = await newHub(await harness.open())
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  for (let n = 0; n < 3; n++) {
    await bo.publish({ content: `${n}`, base: bo.snapshotCursor().shown, key: `b${n}` })
    await ada.publish({ content: 'x', base: n, key: `a${n}` })
  }
  expect(ada.who().floor).toMatchObject({ name: 'Ada' })
  harness.crash!()
  const { hub } = await newHub(await harness.reopen!())
  const again = hub.enter(ada.joinResult.token)
  expect(again.who().floor).toMatchObject({ name: 'Ada' })
  expect(await again.publish({ content: 'mine', base: again.snapshotCursor().shown, key: 'last' })).toMatchObject({
    status: 1,
  })
  expect(again.who().floor).toBeUndefined()
})

test('[R1] [P4] a key outlives retention and restarts: the same calls get their first answers', async () => {
  const hubs = hubsIn(freshFolder(onTestFinished), { retention: { messages: 5 } })
  const first = await hubs()
  const ada = await first.join('Ada')
  const ben = await first.join('Ben')
  await first.say(ben, 'before')
  const held = await ada.publish({ content: 'held', base: 0, key: 'held' })
  const published = await ada.publish({ content: 'once', base: 1, key: 'publish', meta: { b: 1, a: 2 } })
  await ada.append({ text: 'drafted', key: 'append' })
  const pushed = await ada.push({ key: 'push' })
  await ada.publish({ content: 'unheard', base: 3, key: 'notified' }, { notification: true })
  const refused = await ada.push({ key: 'empty' }).catch(error => error.code)
  for (let n = 1; n <= 60; n++) await first.say(ben, `${n}`)
  await first.end()

  const second = await hubs()
  expect((await second.store.log.messages('lobby', 0, 1))[0]!.seq).toBeGreaterThan(10)
  const again = second.hub.enter(ada.joinResult.token)
  const meta = { a: 2, b: 1 }
  expect(await again.publish({ content: 'once', base: 1, key: 'publish', meta })).toEqual(published)
  expect(await again.push({ key: 'push' })).toEqual(pushed)
  expect(await again.publish({ content: 'unheard', base: 3, key: 'notified' })).toMatchObject({ status: 1, seq: 4 })
  expect(await again.push({ key: 'empty' }).catch(error => error.code)).toBe(refused)
  // The messages of an answer that retention removed are named.
  expect(await again.publish({ content: 'held', base: 0, key: 'held' })).toEqual({
    ...held,
    messages: [],
    missed: { from: 1, to: 1 },
  })
  await expect(again.publish({ content: 'other', base: 1, key: 'publish' })).rejects.toMatchObject({
    code: 'invalid-params',
  })
  expect(second.hub.admin.rooms()).toMatchObject([{ head: 64 }])
  await second.say(second.hub.enter(ben.joinResult.token), 'after')
  await second.end()
  // Also after another restart, from a snapshot of what a snapshot had.
  const third = await hubs()
  expect((await third.store.log.messages('lobby', 0, 1))[0]!.seq).toBeGreaterThan(10)
  const once = third.hub.enter(ada.joinResult.token)
  expect(await once.publish({ content: 'once', base: 1, key: 'publish', meta })).toEqual(published)
  await third.end()
})

test('[I6] [I14] a score has no gap that is not marked, after failed writes, a crash and restarts', async () => {
  const directory = freshFolder(onTestFinished)
  const fails = { now: false }
  const hubs = async () => {
    const store = await opened(directory, onTestFinished)
    const scores: ScoreLog = {
      ...store.scores,
      async append(room, group) {
        if (fails.now) throw new Error('The disk is full.')
        return store.scores.append(room, group)
      },
    }
    const harness = await newHub({ log: store.log, sessions: store.sessions, scores, policy: recordedRooms })
    return { ...harness, store, written: () => harness.clock.advance(6000) }
  }
  const talk = async ({ join, written }: Awaited<ReturnType<typeof hubs>>, run: number) => {
    const [ada, ben] = [await join(`Ada ${run}`), await join(`Ben ${run}`)]
    for (let nth = 0; nth < 700; nth++) {
      fails.now = nth % 200 > 100
      await ada.append({ text: `${nth}` })
      if (nth % 3 === 1) await ada.undo()
      if (nth % 39 === 0) {
        await ben.publish({ content: `news ${nth}`, base: (await ben.check({ timeout_ms: 0 })).cursor, key: `${nth}` })
        if ((await ada.push()).status === 0) await ada.push()
        await written()
      }
    }
    fails.now = false
    await ada.append({ text: 'in the middle of' })
    await ben.leave()
  }
  const first = await hubs()
  await talk(first, 1)
  await first.written()
  // A crash: what waits is lost, and nothing says that the recording ended.
  await first.store.close()
  const second = await hubs()
  await talk(second, 2)
  await second.hub.close()
  await second.store.close()
  const third = await hubs()
  await talk(third, 3)
  await third.hub.close()
  const types = (await third.store.scores.read('lobby', 0, 1e5)).map(({ type }) => type)
  await third.store.close()
  expect(['gap', 'stopped', 'held', 'undone'].filter(type => !types.some(found => found === type))).toEqual([])
  const { scoreRecords, problems } = await verifyStore(directory)
  expect(problems).toEqual([])
  expect(scoreRecords).toBeGreaterThan(1000)
})
