import type { RoomLog, SessionLog } from '@midsentence/core'
import type { HubSession } from '@midsentence/core/hub'
import { expect, test } from 'vitest'
import { newHub } from '../harness/hub-harness.ts'

/** Where the process ends while a call has its effect. What was written and not flushed, a crash may leave or take. */
const points = [
  'before its write',
  'after its write, which was lost',
  'after its write, which was kept',
  'after its flush and before anybody heard',
  'before its answer',
] as const
type Point = (typeof points)[number]

/** What a hub stands on. */
interface Logs {
  readonly log: RoomLog
  readonly sessions: SessionLog
}

/** Logs that a test may crash. */
export interface CrashBench extends Logs {
  /** Ends their process where it is, and opens what it left. */
  crash(): Logs | Promise<Logs>
  close(): Promise<void>
}

const never = new Promise<never>(() => {})

/** Logs that end with their process at `point` of the next write, and when that was. */
function dying({ log, sessions }: Logs) {
  let point: Point | undefined
  let dead = false
  let over: () => void = () => {}
  const ended = new Promise<void>(resolve => {
    over = resolve
  })
  const at = async <T>(write: () => Promise<T>): Promise<T> => {
    if (dead) return never
    if (point === undefined || point === 'before its answer') return write()
    dead = true
    if (point !== 'before its write' && point !== 'after its write, which was lost') await write()
    over()
    return never
  }
  return {
    log: { ...log, append: (...write) => at(() => log.append(...write)) } satisfies RoomLog,
    sessions: { ...sessions, append: (...write) => at(() => sessions.append(...write)) } satisfies SessionLog,
    ended,
    arm: (next: Point) => {
      point = next
    },
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

/** What everybody finds once `call` was answered, however often it took. */
const outcomes: Record<string, { readonly draft: string; readonly room: readonly string[] }> = {
  append: { draft: 'one two three', room: ['before'] },
  undo: { draft: 'one ', room: ['before'] },
  reset: { draft: '', room: ['before'] },
  push: { draft: '', room: ['before', 'one two '] },
  publish: { draft: 'one two ', room: ['before', 'whole'] },
  held: { draft: 'one two ', room: ['before'] },
}

const everyWay = Object.keys(calls).flatMap(call => points.map(point => [call, point] as const))

/** Ends a hub over the logs of `setup` at each point of each call, and asks again. */
export function testCrashPoints(setup: () => CrashBench | Promise<CrashBench>): void {
  test.each(everyWay)('[G1] [R1] %s, ended %s and asked again, has one effect', async (name, point) => {
    const bench = await setup()
    const mortal = dying(bench)
    const { clock, join, say, listen } = await newHub(mortal)
    const ada = await join('Ada')
    const ben = await join('Ben')
    await say(ben, 'before')
    await ada.append({ text: 'one ' })
    await ada.append({ text: 'two ' })
    const heard = await listen(ben)
    mortal.arm(point)
    let answered = false
    const call = calls[name]!(ada).then(() => {
      answered = true
    })
    await (point === 'before its answer' ? call : mortal.ended)
    await clock.settle()
    expect(answered).toBe(point === 'before its answer')
    // What was shown to somebody is there for good.
    const shown = [...heard.contents]

    const left = await bench.crash()
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
    await bench.close()
  })
}
