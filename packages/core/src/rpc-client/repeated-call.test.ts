import { expect, test } from 'vitest'
import { MidsentenceError } from '../errors.ts'
import { virtualClock } from '../memory/virtual-clock.ts'
import { connectionFailed, noAnswerWithin } from './no-response-error.ts'
import { repeatedCall } from './repeated-call.ts'
import type { Rpc } from './rpc.ts'

/** An answer of the scripted server: a value, an error to reject with, or silence until the limit of the call. */
type Scripted = unknown | Error | 'silence'

/** Creates a client whose calls get the scripted answers of their method, in order, then silence. */
function scriptedRpc(answers: Record<string, Scripted[]>) {
  const clock = virtualClock()
  const calls: string[] = []
  const rpc: Rpc = {
    call(method, params, { ms }) {
      calls.push(`${clock.monotonic() / 1000} ${method} ${JSON.stringify(params)}`)
      const answer = answers[method]?.length ? answers[method].shift() : 'silence'
      return new Promise((resolve, reject) => {
        if (answer === 'silence') clock.after(ms, () => reject(noAnswerWithin(ms)))
        else if (answer instanceof Error) reject(answer)
        else resolve(answer)
      })
    },
    notify: async () => {},
  }
  const run = async (waitMs: number) => {
    let repeats = 0
    const ending = repeatedCall(rpc, 'push', { key: 'k' }, { waitMs, clock, onRepeat: () => void repeats++ }).then(
      result => ({ result, at: clock.monotonic() / 1000, repeats }),
      error => ({ error, at: clock.monotonic() / 1000, repeats }),
    )
    await clock.advance(600_000)
    return ending
  }
  return { run, calls }
}

test('a call that does not wait is repeated once after 15 s, under the same key', async () => {
  const lost = scriptedRpc({ push: ['silence', { status: 1 }] })
  expect(await lost.run(0)).toEqual({ result: { status: 1 }, at: 15, repeats: 1 })
  expect(lost.calls).toEqual(['0 push {"key":"k"}', '15 push {"key":"k"}'])
  const dead = scriptedRpc({})
  expect(await dead.run(0)).toMatchObject({ error: { timedOut: true, outcomeUnknown: true }, at: 30 })
})

test('a call that may wait is repeated while the server is alive, and a dead server is noticed within 30 s', async () => {
  const waiting = scriptedRpc({
    push: ['silence', 'silence', { status: 1 }],
    who: [{}, new MidsentenceError('rate-limited', 'Slowly.')],
  })
  expect(await waiting.run(60_000)).toEqual({ result: { status: 1 }, at: 30, repeats: 2 })
  expect(waiting.calls.map(call => call.split(' ').slice(0, 2).join(' '))).toEqual([
    '0 push',
    '15 who',
    '15 push',
    '30 who',
    '30 push',
  ])
  const dead = scriptedRpc({})
  expect(await dead.run(240_000)).toMatchObject({ error: { timedOut: true, outcomeUnknown: true }, at: 30 })
  expect(dead.calls).toEqual(['0 push {"key":"k"}', '15 who {}'])
})

test('a server that answers only who is given up 30 s after the wait', async () => {
  const { run } = scriptedRpc({ who: Array.from({ length: 9 }, () => ({})) })
  expect(await run(25_000)).toMatchObject({ error: { timedOut: true }, at: 55 })
})

test('any other failure ends the call at once', async () => {
  const refused = connectionFailed(Object.assign(new Error('no'), { syscall: 'connect', code: 'ECONNREFUSED' }))
  const { run, calls } = scriptedRpc({ push: [refused] })
  expect(await run(25_000)).toEqual({ error: refused, at: 0, repeats: 0 })
  expect(calls).toHaveLength(1)
})
