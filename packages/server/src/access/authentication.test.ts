import { type AdmissionRequest, isMidsentenceError } from '@midsentence/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { AddressLimits, defaultAddressRate } from './address-limits.ts'
import { sameSecret, withAuthentication } from './authentication.ts'

const visitor = (more: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  room: 'lobby',
  username: 'Ada',
  ...more,
})

test('without a password, a hook or limits the policy stays as it is', () => {
  expect(withAuthentication(undefined, {}).admit).toBeUndefined()
})

test.each([
  ['sesame', 'sesame', true],
  ['sesame', 'Sesame', false],
  ['sesame', 'sesame ', false],
  ['sesame', '', false],
  ['\ud800', '\ufffd', true],
])('%j and %j are the same secret: %s', (one, other, same) => expect(sameSecret(one, other)).toBe(same))

test('a password, a hook and the policy must all allow a join; the earlier end applies', async () => {
  const policy = { room: () => ({}), limits: () => ({}), admit: () => ({ allowed: true as const, until: 5 }) }
  const both = withAuthentication(policy, {
    password: 'sesame',
    authenticate: ({ username }) =>
      username === 'Eve' ? { allowed: false, reason: 'it is you' } : { allowed: true, until: 9, username: 'A' },
  })
  expect(await both.admit!(visitor())).toMatchObject({ allowed: false, reason: expect.stringContaining('a password') })
  expect(await both.admit!(visitor({ credential: 'no' }))).toEqual({ allowed: false, reason: 'the password is wrong' })
  expect(await both.admit!(visitor({ credential: 'sesame', username: 'Eve' }))).toMatchObject({ reason: 'it is you' })
  expect(await both.admit!(visitor({ credential: 'sesame' }))).toEqual({ allowed: true, until: 5, username: 'A' })
})

test('wrong credentials slow down their remote address, but not loopback and other addresses', async () => {
  const limits = new AddressLimits({ ...defaultAddressRate, guesses: 3 })
  const { admit } = withAuthentication(undefined, { password: 'sesame' }, limits)
  const guess = async (address: string, credential: string) => {
    try {
      return (await admit!(visitor({ address, credential }))).allowed
    } catch (error) {
      return isMidsentenceError(error) && error.code
    }
  }
  const from = (address: string, ...credentials: string[]) =>
    credentials.reduce<Promise<unknown[]>>(
      async (results, credential) => [...(await results), await guess(address, credential)],
      Promise.resolve([]),
    )
  expect(await from('192.0.2.1', 'a', 'b', 'c', 'd', 'sesame')).toEqual([
    ...[false, false, false],
    ...['rate-limited', 'rate-limited'],
  ])
  expect(await from('192.0.2.2', 'sesame')).toEqual([true])
  expect(await from('127.0.0.1', 'a', 'b', 'c', 'd', 'sesame')).toEqual([false, false, false, false, true])
  // Addresses of one IPv6 network count together.
  expect(await from('2001:db8::1', 'a', 'b', 'c')).toEqual([false, false, false])
  expect(await from('2001:db8::2', 'sesame')).toEqual(['rate-limited'])
})

test('requests and connections of one remote address are limited, those of loopback are not', async () => {
  const limits = new AddressLimits({ ...defaultAddressRate, per_second: 3, burst: 2, connections: 2 })
  const waits = []
  for (let times = 0; times < 7; times++) waits.push(await limits.take('192.0.2.1'))
  expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 0])
  expect(waits[5]).toBeGreaterThan(0)
  for (let times = 0; times < 20; times++) expect(await limits.take('127.0.0.1')).toBe(0)
  expect(await limits.take('192.0.2.2')).toBe(0)
  expect(['a', 'b', 'c'].map(() => limits.addConnection('192.0.2.1'))).toEqual([true, true, false])
  limits.removeConnection('192.0.2.1')
  expect(limits.addConnection('192.0.2.1')).toBe(true)
})

test.each([
  ['answers late', () => new Promise<never>(() => {}), 'room-unavailable'],
  ['refuses', async () => ({ allowed: false as const, reason: 'wrong' }), 'rate-limited'],
])('a hook that %s: the next join gets %j', async (_, hook, expected) => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const limits = new AddressLimits({ ...defaultAddressRate, guesses: 1 })
  const { admit } = withAuthentication(undefined, { authenticate: hook }, limits)
  const join = async () => {
    const joining = Promise.resolve(admit!(visitor({ address: '192.0.2.1', credential: 'guess' }))).catch(
      ({ code }) => code,
    )
    await vi.advanceTimersByTimeAsync(5000)
    return joining
  }
  await join()
  expect(await join()).toBe(expected)
})
