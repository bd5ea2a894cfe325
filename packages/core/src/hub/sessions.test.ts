import { newHub } from '@midsentence/testing/harness/hub-harness'
import { describe, expect, test } from 'vitest'
import { memoryLog } from '../memory/memory-log.ts'
import { memorySessions } from '../memory/memory-sessions.ts'

const secret = 'a secret of enough bytes'

describe('names', () => {
  test('[A2] a taken name is refused in any case, and free again after leave', async () => {
    const { join } = await newHub()
    const ada = await join('Ada')
    await expect(join('ada')).rejects.toMatchObject({ code: 'name-taken' })
    await join('Ada', 'elsewhere')
    await ada.leave()
    expect((await join('ADA')).joinResult.sender_id).toBe('ADA')
  })

  test.each([
    ['', 'empty'],
    ['x'.repeat(65), 'too long'],
    ['a:b', 'a colon'],
    ['*a', 'an asterisk'],
    [' a', 'a space first'],
    ['a ', 'a space last'],
    ['a  b', 'two spaces'],
    ['a\nb', 'a line break'],
    ['a\u202eb', 'a bidi control'],
    ['a\u2028b', 'a line separator'],
    ['a\u200bb', 'a format character'],
    ['\ud800', 'a lone surrogate'],
    ['Server', 'the server'],
    ['sYstem', 'the system'],
    ['\uff33erver', 'the server in full width'],
    ['a\u3000\u3000b', 'two wide spaces'],
  ])('%j is refused: %s', async name => {
    const { join } = await newHub()
    await expect(join(name)).rejects.toMatchObject({ code: 'name-taken' })
  })

  test('[A2] a name is normalised to NFKC', async () => {
    const { join } = await newHub()
    expect((await join('Ａｄａ e\u0301')).joinResult.sender_id).toBe('Ada é')
  })

  test.each(['', 'a b', 'a/b', '../x', 'x'.repeat(65), 'é'])('%j is not a room name', async room => {
    const { join } = await newHub()
    await expect(join('Ada', room)).rejects.toMatchObject({ code: 'room-unavailable' })
  })
})

test('[A7] a room has a limit of participants and may be closed by policy', async () => {
  const entry = (room: string) => (room === 'talk' ? { limit: 2 } : { open: room === 'lobby' })
  const { join } = await newHub({ policy: { room: () => ({}), limits: () => ({}), access: entry } })
  await join('Ada', 'talk')
  const bo = await join('Bo', 'talk')
  await expect(join('Cy', 'talk')).rejects.toMatchObject({ code: 'room-unavailable' })
  await bo.leave()
  await join('Cy', 'talk')
  await expect(join('Ada', 'other')).rejects.toMatchObject({ code: 'room-unavailable' })
})

describe('presence', () => {
  test('[A4] a session without stream or call is away after 30 s, and here again with its next call', async () => {
    const { clock, join, listen } = await newHub()
    const ada = await join('Ada')
    const bo = await join('Bo')
    const received = await listen(ada)
    await bo.append({ text: 'x' })
    await clock.advance(29_999)
    expect(ada.who().participants).toEqual([{ sender_id: 'Ada' }, { sender_id: 'Bo', writing: true }])
    await clock.advance(1)
    expect(ada.who().participants).toEqual([{ sender_id: 'Ada' }, { sender_id: 'Bo', away: true }])
    await bo.append({ text: 'y' })
    expect(received.seen).toEqual(['+Ada', '+Bo', 'writing Bo', '-Bo', '+Bo'])
    await bo.leave()
    expect(received.seen.at(-1)).toBe('-Bo')
  })

  test('[A4] a waiting check keeps its session present', async () => {
    const { clock, join } = await newHub()
    const ada = await join('Ada')
    const check = ada.check({ timeout_ms: 200_000 })
    await clock.advance(199_000)
    const bo = await join('Bo')
    expect(bo.who().participants).toEqual([{ sender_id: 'Ada' }, { sender_id: 'Bo' }])
    await clock.advance(1000)
    await check
  })
})

describe('a session', () => {
  test('[A4] that is away for 90 s keeps its draft and cursor, and takes its name back', async () => {
    const { clock, hub, join } = await newHub()
    const ada = await join('Ada')
    const bo = await join('Bo')
    await ada.append({ text: 'mid-sentence' })
    await bo.append({ text: 'while you ' })
    await clock.advance(89_999)
    await bo.append({ text: 'sleep' })
    await bo.push()
    await expect(join('Ada')).rejects.toMatchObject({ code: 'name-taken' })
    await clock.advance(1)
    expect(bo.who().participants).toEqual([{ sender_id: 'Bo' }])
    const again = hub.enter(ada.joinResult.token)
    expect(await again.push()).toMatchObject({ status: 0, held: true, messages: [{ content: 'while you sleep' }] })
    expect(await again.resume()).toMatchObject({ suffix: 'mid-sentence', sender_id: 'Ada', cursor: 1 })
    expect(bo.who().participants).toEqual([{ sender_id: 'Ada' }, { sender_id: 'Bo' }].reverse())
  })

  test('[A4] whose name was taken while it was away gets a numbered one, reported once', async () => {
    const { clock, hub, join } = await newHub()
    const ada = await hub.join({ username: 'Ada', secret })
    await ada.append({ text: 'mine' })
    await clock.advance(90_000)
    const other = await join('ada')
    expect(await ada.append({ text: '!' })).toMatchObject({ status: 1, renamed: 'Ada-2' })
    expect(await ada.undo()).not.toHaveProperty('renamed')
    expect(await ada.push()).toMatchObject({ status: 1 })
    expect((await other.check()).messages).toMatchObject([{ sender_id: 'Ada-2', content: 'mine' }])
    const again = await hub.join({ username: 'Ada', secret })
    expect(again.joinResult).toMatchObject({ sender_id: 'Ada-2', token: ada.joinResult.token })
    expect(other.who().participants).toEqual([{ sender_id: 'ada' }, { sender_id: 'Ada-2' }])
  })

  test('[A4] whose name was taken does not get a numbered one that an admin removed', async () => {
    const { clock, hub, join } = await newHub()
    const ada = await hub.join({ username: 'Ada', secret })
    await ada.append({ text: 'mine' })
    await join('Ada-2')
    await hub.admin!.remove('lobby', 'ADA-2')
    await clock.advance(90_000)
    await join('Ada')
    expect(await ada.append({ text: '!' })).toMatchObject({ renamed: 'Ada-3' })
  })

  test('[R1] tells its new name again in the answer to a repeated call', async () => {
    const { clock, join } = await newHub()
    const ada = await join('Ada')
    await ada.append({ text: 'mine' })
    await clock.advance(90_000)
    await join('Ada')
    const answer = await ada.push({ key: 'key' })
    expect(answer).toMatchObject({ status: 1, renamed: 'Ada-2' })
    expect(await ada.push({ key: 'key' })).toEqual(answer)
  })

  test('[A4] numbers its name past those that are taken, within 64 characters', async () => {
    const { clock, join } = await newHub()
    const name = 'x'.repeat(64)
    const first = await join(name)
    await first.append({ text: 'a' })
    await clock.advance(90_000)
    await join(name)
    await join(`${'x'.repeat(62)}-2`)
    expect(await first.check({ timeout_ms: 0 })).toMatchObject({ renamed: `${'x'.repeat(62)}-3` })
  })

  test('[A4] loses its place in a room with a limit while it is away, and its calls say that the room is full', async () => {
    const access = () => ({ limit: 2 })
    const { clock, hub, join, listen } = await newHub({ policy: { room: () => ({}), limits: () => ({}), access } })
    const ada = await join('Ada')
    const bo = await join('Bo')
    await ada.append({ text: 'kept' })
    await listen(bo)
    await clock.advance(90_000)
    const cy = await join('Cy')
    const full = { code: 'room-unavailable', message: expect.stringContaining('full') }
    await expect(ada.append({ text: 'x' })).rejects.toMatchObject(full)
    await expect(hub.enter(ada.joinResult.token).resume()).rejects.toMatchObject(full)
    expect(() => ada.who()).toThrow(expect.objectContaining(full))
    await cy.leave()
    expect(await ada.append({ text: '!' })).toMatchObject({ suffix: 'kept!' })
  })

  test('[A3] lives for a day after its last use, for its token and its secret only', async () => {
    const { clock, hub } = await newHub()
    const ada = await hub.join({ username: 'Ada', secret })
    await ada.append({ text: 'mid-sentence' })
    await clock.advance(20 * 3600_000)
    const again = await hub.join({ username: 'ada', secret })
    expect(again.joinResult.token).toBe(ada.joinResult.token)
    expect(await again.resume()).toMatchObject({ suffix: 'mid-sentence', sender_id: 'Ada' })
    const other = { username: 'Ada', secret: `${secret}!` }
    await expect(hub.join(other)).rejects.toMatchObject({ code: 'name-taken' })
    await clock.advance(24 * 3600_000)
    expect(() => hub.enter(ada.joinResult.token)).toThrow(expect.objectContaining({ code: 'session-unknown' }))
    const fresh = await hub.join({ username: 'Ada', secret })
    expect(fresh.joinResult.session_id).not.toBe(ada.joinResult.session_id)
    await expect(hub.join({ username: 'Bo', secret: 'short' })).rejects.toMatchObject({ code: 'invalid-params' })
  })

  test('[A3] of a name that was taken is reached by its secret, and another secret reaches another session', async () => {
    const { clock, hub } = await newHub()
    const [one, two] = [`${secret} one`, `${secret} two`]
    const first = await hub.join({ username: 'Ada', secret: one })
    await first.append({ text: 'first' })
    await clock.advance(90_000)
    const second = await hub.join({ username: 'Ada', secret: two })
    await second.append({ text: 'second' })
    const sessions = await Promise.all([one, two].map(secret => hub.join({ username: 'Ada', secret })))
    expect(await Promise.all(sessions.map(session => session.resume()))).toMatchObject([
      { sender_id: 'Ada-2', suffix: 'first' },
      { sender_id: 'Ada', suffix: 'second' },
    ])
  })

  test('[A5] that left or was removed after it lapsed does not come back, also not in a batch or after a restart', async () => {
    const [log, sessions] = [memoryLog(), memorySessions()]
    const { clock, hub } = await newHub({ log, sessions })
    const ada = await hub.join({ username: 'Ada', secret })
    const bo = await hub.join({ username: 'Bo' })
    await ada.append({ text: 'mine' })
    await bo.append({ text: 'x' })
    await clock.advance(90_000)
    const left = ada.leave()
    await expect(ada.append({ text: '!' })).rejects.toMatchObject({ code: 'session-unknown' })
    await left
    await bo.preview()
    expect(bo.who().participants).toEqual([{ sender_id: 'Bo' }])
    await hub.close()
    const again = await newHub({ log, sessions })
    expect(() => again.hub.enter(ada.joinResult.token)).toThrow(expect.objectContaining({ code: 'session-unknown' }))
  })

  test('[A4] that lapsed has no place after a restart, and one beyond the limit gets none', async () => {
    const [log, sessions] = [memoryLog(), memorySessions()]
    const policy = { room: () => ({}), limits: () => ({}), access: () => ({ limit: 1 }) }
    const { clock, hub } = await newHub({ log, sessions, policy })
    const ada = await hub.join({ username: 'Ada' })
    await ada.append({ text: 'mine' })
    await clock.advance(90_000)
    const bo = await hub.join({ username: 'Bo' })
    await bo.append({ text: 'x' })
    await hub.close()
    const again = await newHub({ log, sessions, policy })
    expect(again.hub.enter(bo.joinResult.token).who().participants).toEqual([{ sender_id: 'Bo' }])
    const full = { code: 'room-unavailable' }
    await expect(again.hub.enter(ada.joinResult.token).preview()).rejects.toMatchObject(full)
  })

  test('[A4] whose first call after a rename is a check learns the new name at once', async () => {
    const { clock, join } = await newHub()
    const ada = await join('Ada')
    await ada.append({ text: 'x' })
    await clock.advance(90_000)
    await join('Ada')
    expect(await ada.check({ timeout_ms: 20_000 })).toMatchObject({ status: 0, renamed: 'Ada-2' })
  })

  test('[A4] that was never used expires after a minute', async () => {
    const { clock, hub } = await newHub()
    await hub.join({ username: 'Ada', secret })
    await clock.advance(59_999)
    await expect(hub.join({ username: 'Ada' })).rejects.toMatchObject({ code: 'name-taken' })
    await clock.advance(1)
    await hub.join({ username: 'Ada' })
  })

  test('[A4] with a stream does not expire', async () => {
    const { clock, join, listen } = await newHub()
    const ada = await join('Ada')
    const { subscription } = await listen(ada)
    await clock.advance(48 * 3600_000)
    expect(ada.who().participants).toEqual([{ sender_id: 'Ada' }])
    subscription.close()
    await clock.advance(90_000)
    await join('Ada')
  })

  test('of a legacy client keeps its name until another participant wants it', async () => {
    const { clock, hub } = await newHub()
    const old = await hub.join({ username: 'old', legacy: true })
    await old.sendUnconditionally('hi')
    await clock.advance(3600_000)
    await old.sendUnconditionally('still here')
    await expect(hub.join({ username: 'old' })).rejects.toMatchObject({ code: 'name-taken' })
    await clock.advance(90_000)
    await hub.join({ username: 'old' })
    await expect(old.sendUnconditionally('gone')).rejects.toMatchObject({ code: 'session-unknown' })
  })
})

test('[A1] tokens contain 256 random bits, and any other token is refused', async () => {
  const { hub, join } = await newHub()
  const tokens = await Promise.all(['a', 'b', 'c'].map(async name => (await join(name)).joinResult.token))
  for (const token of tokens) expect(token).toMatch(/^s-[0-9a-f]{16}\.[0-9a-f]{64}$/)
  expect(new Set(tokens).size).toBe(3)
  for (const token of [
    '',
    'x',
    tokens[0]!.slice(1),
    `${tokens[0]}0`,
    `${tokens[0]!.split('.')[0]}.`,
    '__proto__.x',
    '__proto__',
  ]) {
    expect(() => hub.enter(token)).toThrow(expect.objectContaining({ code: 'session-unknown' }))
  }
})

test('[A8] observers see hosted and local drafts of an observable room as they are written, and of no other room', async () => {
  const policy = {
    room: () => ({}),
    limits: () => ({}),
    access: (room: string) => ({ observable: room === 'debate' }),
  }
  const { clock, hub, join } = await newHub({ policy })
  const ada = await join('Ada', 'debate')
  expect(ada.joinResult.observable).toBe(true)
  await ada.append({ text: 'before ' })
  const seen: unknown[] = []
  const stop = hub.observe('debate', {
    messages: batch => void seen.push(batch.map(({ content }) => content)),
    draft: (name, facts, whole) => void seen.push([name, facts, whole]),
    presence: (name, present) => void seen.push([name, present]),
    ended: () => void seen.push('ended'),
  })
  const appended = (text: string) => ({ type: 'appended', text, base: 0 }) as const
  expect(seen.splice(0)).toEqual([
    ['Ada', true],
    ['Ada', [appended('before ')], true],
  ])
  await ada.append({ text: 'and after' })
  await ada.undo()
  await ada.push()
  await clock.settle()
  expect(seen.splice(0)).toEqual([
    ['Ada', [appended('and after')], false],
    ['Ada', [{ type: 'undone' }], false],
    ['before '],
    ['Ada', [{ type: 'pushed', seq: 1 }], false],
  ])
  const bo = await join('Bo', 'debate')
  bo.showDraft([], 0)
  bo.showDraft([appended('local')], 1)
  bo.showDraft([{ type: 'undone' }], 7)
  bo.showDraft([{ type: 'undone' }], 2)
  expect(seen.splice(0)).toEqual([
    ['Bo', true],
    ['Bo', [], true],
    ['Bo', [appended('local')], true],
    ['Bo', [{ type: 'undone' }], false],
  ])
  stop()
  await ada.leave()
  expect(seen).toEqual([])
  await join('Cy')
  for (const room of ['lobby', 'nowhere']) {
    expect(() => hub.observe(room, { messages() {}, draft() {}, presence() {}, ended() {} })).toThrow(
      expect.objectContaining({ code: 'room-unavailable' }),
    )
  }
})

test('a hub that closes ends streams and waiting calls, and then refuses calls as unavailable', async () => {
  const { hub, join, listen } = await newHub()
  const ada = await join('Ada')
  const received = await listen(ada)
  const check = ada.check()
  await ada.append({ text: 'x' })
  const push = ada.push()
  await Promise.all([hub.close(), hub.close()])
  expect(await push).toMatchObject({ status: 1 })
  expect(received.contents).toEqual(['x'])
  expect(await check).toMatchObject({ status: 0 })
  expect(received.reason).toBe('The server is closing.')
  await expect(join('Bo')).rejects.toMatchObject({ code: 'unavailable' })
  await ada.append({ text: 'y' })
  await expect(ada.push()).rejects.toMatchObject({ code: 'unavailable' })
})
