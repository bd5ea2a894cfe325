import { expect, test } from 'vitest'
import { MidsentenceError } from '../errors.ts'
import { memoryLog } from '../memory/memory-log.ts'
import { memorySessions } from '../memory/memory-sessions.ts'
import { virtualClock } from '../memory/virtual-clock.ts'
import { defaultPolicy, type Policy } from '../ports/policy.ts'
import { openHub } from './hub.ts'
import type { RoomListener } from './requests.ts'

const secret = 'a secret of enough bytes'
const withAdmit = (admit: Policy['admit']): Policy => ({ ...defaultPolicy, admit: admit! })

const listener = (): RoomListener & { readonly ends: string[] } => {
  const ends: string[] = []
  return { ends, messages: () => true, missed: () => {}, presence: () => {}, ended: reason => void ends.push(reason) }
}

test('[A9] the session log has neither token nor secret, and both still give access after a restart', async () => {
  const [log, sessions] = [memoryLog(), memorySessions()]
  const before = await openHub({ log, sessions, snapshotEvery: { facts: 2 } })
  const ada = await before.join({ username: 'Ada', secret })
  const { token, session_id } = ada.joinResult
  for (const text of ['a', 'b', 'c']) await ada.append({ text })
  await before.close()
  const records: unknown[] = []
  for await (const record of sessions.read('lobby')) records.push(record)
  expect(JSON.stringify(records)).toContain('"type":"snapshot"')
  expect(JSON.stringify(records)).not.toContain(token)
  expect(JSON.stringify(records)).not.toContain(secret)

  const byToken = await openHub({ log, sessions })
  expect(await byToken.enter(token).resume()).toMatchObject({ token, session_id, suffix: 'abc' })
  await byToken.close()
  const bySecret = await openHub({ log, sessions })
  expect((await bySecret.join({ username: 'Ada', secret })).joinResult).toMatchObject({ token, session_id })
  expect(bySecret.enter(token).joinResult.session_id).toBe(session_id)
  await expect(bySecret.join({ username: 'Ada', secret: `${secret}!` })).rejects.toMatchObject({ code: 'name-taken' })
})

test('[A9] the hashes in a session log do not give access', async () => {
  const [log, sessions] = [memoryLog(), memorySessions()]
  const hub = await openHub({ log, sessions })
  await hub.join({ username: 'Ada', secret })
  await hub.close()
  const again = await openHub({ log, sessions })
  for await (const { fact } of sessions.read('lobby')) {
    if (fact.type !== 'opened') continue
    const { session_id, proof } = fact.session
    for (const token of [proof, `${session_id}.${proof}`, `${session_id}.`, session_id]) {
      expect(() => again.enter(token)).toThrow(expect.objectContaining({ code: 'session-unknown' }))
    }
    await expect(again.join({ username: 'Ada', secret: proof })).rejects.toMatchObject({ code: 'name-taken' })
  }
})

test('[A10] a rejected join gives the reason and creates nothing', async () => {
  const hub = await openHub({
    policy: withAdmit(({ credential }) =>
      credential === 'open sesame' ? { allowed: true } : { allowed: false, reason: 'the password is wrong' },
    ),
  })
  expect(hub.requiresCredential).toBe(true)
  for (const credential of [undefined, '', 'Open sesame']) {
    await expect(hub.join({ username: 'Ada', ...(credential !== undefined && { credential }) })).rejects.toMatchObject({
      code: 'room-unavailable',
      message: 'You may not come in: the password is wrong.',
    })
  }
  expect(hub.admin.rooms()).toEqual([])
  const ada = await hub.join({ username: 'Ada', credential: 'open sesame' })
  expect(JSON.stringify(ada.joinResult)).not.toContain('sesame')
})

test('the admit hook gets name, room and address, and may choose the name', async () => {
  const asked: unknown[] = []
  const hub = await openHub({
    policy: withAdmit(async visitor => {
      asked.push(visitor)
      return { allowed: true, username: 'Countess' }
    }),
  })
  const ada = await hub.join({ username: 'Ａda', room: 'r', credential: 'c', address: '192.0.2.1', secret })
  expect(asked).toEqual([{ room: 'r', username: 'Ada', credential: 'c', address: '192.0.2.1' }])
  expect(ada.joinResult.sender_id).toBe('Countess')
})

test('[A10] an admit hook that fails or takes too long rejects the join', async () => {
  const clock = virtualClock()
  const broken = await openHub({ policy: withAdmit(() => Promise.reject(new Error('no directory'))) })
  await expect(broken.join({ username: 'Ada' })).rejects.toMatchObject({
    code: 'internal',
    message: 'The server could not find out whether you may come in. Nothing was created.',
  })
  const slow = await openHub({ clock, policy: withAdmit(() => new Promise(() => {})), hook_timeout_ms: 500 })
  const joining = slow.join({ username: 'Ada' })
  const refused = expect(joining).rejects.toMatchObject({ code: 'unavailable', data: { retry_after_ms: 1000 } })
  await clock.advance(500)
  await refused
  const own = new MidsentenceError('rate-limited', 'Too many wrong passwords.')
  const limited = await openHub({ policy: withAdmit(() => Promise.reject(own)) })
  await expect(limited.join({ username: 'Ada' })).rejects.toBe(own)
})

test('[A11] when access ends, the session, its calls and its streams end, also after a restart', async () => {
  const clock = virtualClock()
  const [log, sessions] = [memoryLog(), memorySessions()]
  const until = clock.now() + 10_000
  const policy = withAdmit(() => ({ allowed: true, until }))
  const hub = await openHub({ clock, log, sessions, policy })
  const [ada, ben] = [await hub.join({ username: 'Ada', secret }), await hub.join({ username: 'Ben', secret })]
  const hears = listener()
  ;(await ada.subscribe(hears)).resume()
  const checking = ada.check({ timeout_ms: 60_000 })
  await clock.advance(9999)
  expect(hears.ends).toEqual([])
  await clock.advance(1)
  expect(hears.ends).toEqual(['Your access to this room has ended. Get a new credential, and join again.'])
  await expect(checking).resolves.toMatchObject({ status: 0, messages: [] })
  expect(() => hub.enter(ada.joinResult.token)).toThrow(expect.objectContaining({ code: 'session-unknown' }))
  await expect(ada.append({ text: 'late' })).rejects.toMatchObject({ code: 'session-unknown' })
  await expect(hub.join({ username: 'Ben' })).rejects.toMatchObject({ message: expect.stringContaining('has expired') })
  await hub.close()
  expect(ben.joinResult.sender_id).toBe('Ben')
})

test('[A11] a rejoin replaces the end of access, and the new one is durable', async () => {
  const clock = virtualClock()
  const [log, sessions] = [memoryLog(), memorySessions()]
  let until: number | undefined = clock.now() + 10_000
  const options = { clock, log, sessions, policy: withAdmit(() => ({ allowed: true, ...(until && { until }) })) }
  const hub = await openHub(options)
  const ada = await hub.join({ username: 'Ada', secret })
  await ada.append({ text: 'kept' })
  until += 20_000
  await hub.join({ username: 'Ada', secret, credential: 'newer' })
  await clock.advance(15_000)
  await hub.close()
  const again = await openHub(options)
  expect((await again.enter(ada.joinResult.token).resume()).suffix).toBe('kept')
  await clock.advance(15_000)
  expect(() => again.enter(ada.joinResult.token)).toThrow(expect.objectContaining({ code: 'session-unknown' }))
})
