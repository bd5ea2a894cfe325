import { expect, test } from 'vitest'
import { newHub } from '../../../../tests/hub-bench.ts'
import { memoryLog } from '../memory/memory-log.ts'
import { memorySessions } from '../memory/memory-sessions.ts'
import type { RoomLog } from '../ports/room-log.ts'
import type { SessionLog } from '../ports/session-log.ts'
import type { HubSession } from './application.ts'

/** Where the process ends while a call has its effect. What was written and not flushed, a crash may leave or take. */
const points = [
  'before its write',
  'after its write, which was lost',
  'after its write, which was kept',
  'after its flush and before anybody heard',
  'before its answer',
] as const
type Point = (typeof points)[number]

const never = new Promise<never>(() => {})

/** Logs that end with their process at `point` of the next write. */
function dying() {
  const [log, sessions] = [memoryLog(), memorySessions()]
  let point: Point | undefined
  let dead = false
  const at = async <T>(write: () => Promise<T>): Promise<T> => {
    if (dead) return never
    if (point === undefined || point === 'before its answer') return write()
    dead = true
    if (point !== 'before its write' && point !== 'after its write, which was lost') await write()
    return never
  }
  return {
    log,
    sessions,
    mortal: {
      log: { ...log, append: (...write) => at(() => log.append(...write)) } satisfies RoomLog,
      sessions: { ...sessions, append: records => at(() => sessions.append(records)) } satisfies SessionLog,
    },
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

test.each(everyWay)('[G1] [R1] %s, ended %s and asked again, has one effect', async (name, point) => {
  const { log, sessions, mortal, arm } = dying()
  const { clock, join, say, listen } = await newHub(mortal)
  const ada = await join('Ada')
  const ben = await join('Ben')
  await say(ben, 'before')
  await ada.append({ text: 'one ' })
  await ada.append({ text: 'two ' })
  const heard = await listen(ben)
  arm(point)
  let answered = false
  void calls[name]!(ada).then(() => {
    answered = true
  })
  await clock.settle()
  expect(answered).toBe(point === 'before its answer')
  // What was shown to somebody is there for good.
  const shown = [...heard.contents]

  const { hub } = await newHub({ log, sessions })
  const again = hub.enter(ada.entrance.token)
  const first = await calls[name]!(again)
  expect(await calls[name]!(again)).toEqual(first)
  const room = (await log.messages('lobby', 0, 99)).map(({ content }) => content)
  expect([(await again.preview()).draft, room]).toEqual([outcomes[name]!.draft, outcomes[name]!.room])
  expect(room.slice(1, 1 + shown.length)).toEqual(shown)
  const bens = await hub.enter(ben.entrance.token).preview()
  expect(bens.messages.map(({ content }) => content)).toEqual(outcomes[name]!.room.slice(1))
})
