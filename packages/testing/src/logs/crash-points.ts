import { CrashableLogs, type HubLogs, type WriteQueue } from '@midsentence/conformance'
import type { HubSession } from '@midsentence/core/hub'
import { expect, test } from 'vitest'
import { newHub } from '../harness/hub-harness.ts'

/** Where the process stops while a call has its effect. */
const points = ['before its write', 'after its write', 'before its answer'] as const
type Point = (typeof points)[number]

/** Logs that a test may crash. */
export interface CrashHarness extends HubLogs {
  /** Ends their process at once, and opens what it left. */
  crash(): HubLogs | Promise<HubLogs>
  close(): Promise<void>
}

/** Logs whose process stops at `point` of the next write. */
function stopping(logs: HubLogs) {
  let point: Point | undefined
  let stoppedAt: WriteQueue | undefined
  let stop: () => void = () => {}
  const stopped = new Promise<void>(resolve => {
    stop = resolve
  })
  const flush = async (queue: WriteQueue) => {
    if (point === undefined || point === 'before its answer') return
    stoppedAt ??= queue
    stop()
    return new Promise<never>(() => {})
  }
  const crashable = new CrashableLogs(logs, { flush })
  const { log, sessions } = crashable.open()
  return {
    log,
    sessions,
    stopped,
    arm: (next: Point) => {
      point = next
    },
    /** Crashes the process. The write that it stopped after is kept. */
    crash: () => crashable.crash(stoppedAt && point === 'after its write' ? { [stoppedAt]: 1 } : {}),
  }
}

const calls: Record<string, (session: HubSession) => Promise<unknown>> = {
  append: session => session.append({ text: 'three', key: 'k' }),
  undo: session => session.undo({ key: 'k' }),
  reset: session => session.reset({ key: 'k' }),
  push: session => session.push({ key: 'k' }),
  publish: session => session.publish({ content: 'whole', base: 1, key: 'k' }),
  held: session => session.publish({ content: 'stale', base: 0, key: 'k' }),
}

/** The draft and the room after a call was answered, however often it was repeated. */
const outcomes: Record<string, { readonly draft: string; readonly room: readonly string[] }> = {
  append: { draft: 'one two three', room: ['before'] },
  undo: { draft: 'one ', room: ['before'] },
  reset: { draft: '', room: ['before'] },
  push: { draft: '', room: ['before', 'one two '] },
  publish: { draft: 'one two ', room: ['before', 'whole'] },
  held: { draft: 'one two ', room: ['before'] },
}

const cases = Object.keys(calls).flatMap(call => points.map(point => [call, point] as const))

/** Stops a hub over the logs of `setup` at each point of each call, restarts it, and repeats the call. */
export function testCrashPoints(setup: () => CrashHarness | Promise<CrashHarness>): void {
  test.each(cases)(
    '[G1] [R1] %s has one effect if the process stops %s and the call is repeated',
    async (name, point) => {
      const harness = await setup()
      const process = stopping(harness)
      const { clock, join, say, listen } = await newHub(process)
      const ada = await join('Ada')
      const ben = await join('Ben')
      await say(ben, 'before')
      await ada.append({ text: 'one ' })
      await ada.append({ text: 'two ' })
      const events = await listen(ben)
      process.arm(point)
      let answered = false
      const call = calls[name]!(ada).then(() => {
        answered = true
      })
      await (point === 'before its answer' ? call : process.stopped)
      await clock.settle()
      expect(answered).toBe(point === 'before its answer')
      // What a reader was shown must survive the crash.
      const shown = [...events.contents]

      await process.crash()
      const left = await harness.crash()
      const { hub } = await newHub(left)
      const again = hub.enter(ada.joinResult.token)
      const first = await calls[name]!(again)
      expect(await calls[name]!(again)).toEqual(first)
      const room = (await left.log.messages('lobby', 0, 99)).map(({ content }) => content)
      expect([(await again.preview()).draft, room]).toEqual([outcomes[name]!.draft, outcomes[name]!.room])
      expect(room.slice(1, 1 + shown.length)).toEqual(shown)
      const bens = await hub.enter(ben.joinResult.token).preview()
      expect(bens.messages.map(({ content }) => content)).toEqual(outcomes[name]!.room.slice(1))
      await hub.close()
      await harness.close()
    },
  )
}
