import { newHub } from '@midsentence/testing/harness/hub-harness'
import { override } from '@midsentence/testing/override'
import { byTier } from '@midsentence/testing/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryLog } from '../../memory/memory-log.ts'
import { virtualClock } from '../../memory/virtual-clock.ts'

const ms = (...options: number[]) => fc.constantFrom(...options)
const step = fc.oneof(
  fc.record({ does: fc.constant('say' as const), count: fc.integer({ min: 1, max: 3 }) }),
  // A caller leaves between two events, so that its answer either came before or not.
  fc.record({ does: fc.constant('check' as const), timeout_ms: ms(0, 20, 90), leaves: ms(-1, -1, 0, 3.5, 10.5, 40.5) }),
  fc.record({ does: fc.constantFrom('append' as const, 'preview' as const, 'hush' as const) }),
  fc.record({ does: fc.constant('wait' as const), for: ms(1, 5, 30) }),
)

test('[C1] [C3] [L1] checks whose callers stay get every message once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), ms(0, 7, 25), async (steps, readMs) => {
      const clock = virtualClock()
      const log = memoryLog()
      const slow = override(log, {
        messages: async (...asked: Parameters<typeof log.messages>) => {
          await new Promise<void>(resolve => void clock.after(readMs, resolve))
          return log.messages(...asked)
        },
      })
      const { hub } = await newHub({ log: slow, tail: 1, clock })
      const ada = await hub.join({ username: 'Ada' })
      const person = await hub.join({ username: 'Cleo', person: true })
      const got: string[] = []
      let said = 0
      let isHushed = false
      const calls: Promise<void>[] = []
      const read = (call: Promise<{ messages: readonly { content: string }[] }>, signal?: AbortSignal) =>
        void calls.push(
          call.then(({ messages }) => {
            if (!signal?.aborted) got.push(...messages.map(({ content }) => content))
            else expect(messages).toEqual([])
          }),
        )
      for (const each of steps) {
        if (each.does === 'wait') await clock.advance(each.for)
        else if (each.does === 'say') {
          const publish = () => person.publish({ content: `${++said}`, base: 0, key: `${said}` })
          calls.push(Promise.all(Array.from({ length: each.count }, publish)).then(() => {}))
          isHushed = false
        } else if (each.does === 'check') {
          const caller = new AbortController()
          if (each.leaves === 0) caller.abort()
          if (each.leaves > 0) clock.after(each.leaves, () => caller.abort())
          read(ada.check({ timeout_ms: each.timeout_ms }, { signal: caller.signal }), caller.signal)
        } else if (each.does === 'append') read(ada.append({ text: 'x' }))
        else if (each.does === 'preview') read(ada.preview())
        else {
          isHushed = !isHushed
          person.hush(isHushed)
        }
        await clock.settle()
      }
      await clock.advance(1000)
      await Promise.all(calls)
      for (let before = -1; before < got.length; ) {
        before = got.length
        read(ada.check({ timeout_ms: 0 }))
        await clock.advance(100)
        await calls.at(-1)
      }
      expect(got).toEqual(Array.from({ length: said }, (_, at) => `${at + 1}`))
      await hub.close()
    }),
    { numRuns: byTier(100, 5000) },
  )
})
