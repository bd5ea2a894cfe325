import { recordEvents } from '@midsentence/testing/harness/hub-harness'
import { expect, test } from 'vitest'
import { memoryLog } from '../memory/memory-log.ts'
import { systemClock } from '../memory/system-clock.ts'
import { openHub } from './hub.ts'

/** A turn of the event loop in which each of `acts` is a callback of its own, as of a socket that has something. */
const inOneTurn = <T>(acts: readonly (() => Promise<T>)[]): Promise<T[]> =>
  Promise.all(acts.map(act => new Promise<T>((resolve, reject) => setImmediate(() => act().then(resolve, reject)))))

test.each([
  ['in memory the first does not wait', 'memory', [[1], [2, 3, 4, 5, 6, 7, 8]]],
  ['flushed all of it is one flush', 'flushed', [[1, 2, 3, 4, 5, 6, 7, 8]]],
] as const)(
  'what comes over eight sockets in one turn is delivered together: %s',
  async (_how, durability, batches) => {
    const log = { ...memoryLog(), durability }
    const policy = { room: () => ({ policy: 'annotate' as const }), limits: () => ({}) }
    const hub = await openHub({ clock: systemClock(), log, policy })
    const listener = recordEvents()
    const reader = await hub.join({ username: 'Reader' })
    ;(await reader.subscribe(listener)).resume()
    const speakers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(n => hub.join({ username: `Speaker ${n}` })))
    const answers = await inOneTurn(
      speakers.map((speaker, n) => () => speaker.publish({ content: `${n}`, base: 0, key: 'k' })),
    )
    expect(answers.map(({ status }) => status)).toEqual(speakers.map(() => 1))
    expect(listener.batches.map(batch => batch.map(({ seq }) => seq))).toEqual(batches)
    // What comes later is not kept waiting for anybody.
    await speakers[0]!.publish({ content: 'later', base: 1, key: 'l' })
    expect(listener.seqs.at(-1)).toBe(9)
    await hub.close()
  },
)

test('where there is no setImmediate, as in a page, a message to oneself comes behind what came in', async () => {
  const { setImmediate } = globalThis
  const order: string[] = []
  try {
    Reflect.deleteProperty(globalThis, 'setImmediate')
    const { systemClock } = await import(`../memory/system-clock.ts?${'without'}`)
    await new Promise<void>(resolve => {
      systemClock().soon(() => {
        order.push('soon')
        resolve()
      })
      queueMicrotask(() => order.push('microtask'))
      order.push('now')
    })
  } finally {
    globalThis.setImmediate = setImmediate
  }
  expect(order).toEqual(['now', 'microtask', 'soon'])
})
