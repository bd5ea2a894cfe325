import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linkSignals } from './link-signals.ts'
import { virtualClock } from './memory/virtual-clock.ts'

type Step = { readonly source: number } | { readonly pass: number } | 'abort' | 'unlink'

const steps = fc.array(
  fc.oneof(
    fc.record({ source: fc.nat(2) }),
    fc.record({ pass: fc.integer({ min: 1, max: 60 }) }),
    fc.constantFrom('abort' as const, 'unlink' as const),
  ),
  { maxLength: 6 },
)

test('a linked signal aborts with the first source or at its limit, for that reason, and leaves no listener or timer', async () => {
  const property = fc.asyncProperty(steps, fc.subarray([0, 1, 2]), async (steps, abortedBefore) => {
    const clock = virtualClock()
    const sources = [0, 1, 2].map(() => new AbortController())
    for (const at of abortedBefore) sources[at]!.abort(at)
    const signals = sources.map(({ signal }) => signal)
    const linked = linkSignals(signals, { ms: 100, clock, reason: () => 'late' })
    let expected: unknown = abortedBefore[0]
    let open = expected === undefined
    let time = 0
    const end = (reason: unknown) => {
      if (open) expected = reason
      open = false
    }
    for (const step of steps satisfies readonly Step[]) {
      if (step === 'abort') {
        // It also works after `unlink`.
        if (!linked.signal.aborted) expected = 'own'
        linked.abort('own')
        open = false
      } else if (step === 'unlink') {
        linked.unlink()
        open = false
      } else if ('source' in step) {
        if (!sources[step.source]!.signal.aborted) end(step.source)
        sources[step.source]!.abort(step.source)
      } else {
        await clock.advance(step.pass)
        time += step.pass
        if (time >= 100) end('late')
      }
      expect([linked.signal.aborted, linked.signal.reason]).toEqual([expected !== undefined, expected])
      const listeners = signals.flatMap(signal => getEventListeners(signal, 'abort')).length
      expect(listeners === 0 || open).toBe(true)
    }
  })
  await fc.assert(property, { numRuns: 300 })
})

test('a limit is reached after garbage collection', async () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  let reached = 0
  const reachedAll = new Promise<void>(resolve => {
    for (let n = 0; n < 100; n++) {
      const source = linkSignals([new AbortController().signal], { ms: 5 })
      linkSignals([source.signal]).signal.addEventListener('abort', () => ++reached === 100 && resolve())
    }
  })
  gc()
  await reachedAll
})
