import { recordEvents } from '@midsentence/testing/harness/hub-harness'
import { describe, expect, test } from 'vitest'
import { memoryLog } from '../memory/memory-log.ts'
import { systemClock } from '../memory/system-clock.ts'
import { openHub } from './hub.ts'

/** Runs each of `acts` as a callback of one turn of the event loop, as sockets with data do. */
const inOneTurn = <T>(acts: readonly (() => Promise<T>)[]): Promise<T[]> =>
  Promise.all(acts.map(act => new Promise<T>((resolve, reject) => setImmediate(() => act().then(resolve, reject)))))

test.each([
  ['in memory, the first does not wait', 'memory', [[1], [2, 3, 4, 5, 6, 7, 8]]],
  ['flushed, all of them are one flush', 'flushed', [[1, 2, 3, 4, 5, 6, 7, 8]]],
] as const)('messages from eight sockets in one turn are delivered together: %s', async (_how, durability, batches) => {
  const log = { ...memoryLog(), durability }
  const policy = { room: () => ({ policy: 'annotate' as const }), limits: () => ({}) }
  const hub = await openHub({ clock: systemClock(), log, policy })
  const listener = recordEvents()
  const reader = await hub.join({ username: 'Reader' })
  ;(await reader.subscribe(listener)).resume()
  const senders = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(n => hub.join({ username: `Sender ${n}` })))
  const answers = await inOneTurn(
    senders.map((sender, n) => () => sender.publish({ content: `${n}`, base: 0, key: 'k' })),
  )
  expect(answers.map(({ status }) => status)).toEqual(senders.map(() => 1))
  expect(listener.batches.map(batch => batch.map(({ seq }) => seq))).toEqual(batches)
  // A later message does not wait.
  await senders[0]!.publish({ content: 'later', base: 1, key: 'l' })
  expect(listener.seqs.at(-1)).toBe(9)
  await hub.close()
})

describe('unconditional sends of one session', () => {
  /** Takes longer for the first. */
  const content = async (text: string) => {
    for (let wait = text === '1' ? 5 : 0; wait > 0; wait--) await undefined
    return { allowed: true as const }
  }

  test.each([
    ['share a flush', undefined, [['1', '2', '3', '4']]],
    ['wait in turn for a content policy', content, [['1'], ['2'], ['3'], ['4']]],
  ])('%s', async (_how, content, batches) => {
    const log = { ...memoryLog(), durability: 'flushed' as const }
    const policy = { room: () => ({}), limits: () => ({}), ...(content && { content }) }
    const hub = await openHub({ clock: systemClock(), log, policy })
    const listener = recordEvents()
    ;(await (await hub.join({ username: 'Reader' })).subscribe(listener)).resume()
    const sender = await hub.join({ username: 'Sender', legacy: true })
    await inOneTurn(['1', '2', '3', '4'].map(text => () => sender.sendUnconditionally(text)))
    expect(listener.batches.map(batch => batch.map(({ content }) => content))).toEqual(batches)
    await hub.close()
  })
})

test('without setImmediate, as in a page, `soon` runs after microtasks', async () => {
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
