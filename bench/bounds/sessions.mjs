// Sessions of one hub that ask nothing any more: CPU time while they go away and lapse, and bytes of each.
import { memoryLog, memorySessions } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { handClock, heapBytes, letGo, turn } from './hand-clock.mjs'

const STEPS = [1000, 10_000, 100_000]
const PER_ROOM = 10

async function measure(count) {
  let clock = handClock()
  const logs = { log: memoryLog(), sessions: memorySessions() }
  let hub = await openHub({
    clock,
    ...logs,
    bounds: { rooms: count, sessions: 2 * count },
  })
  const before = heapBytes()
  for (let nth = 0; nth < count; nth++) {
    const session = await hub.join({ room: `room-${nth % (count / PER_ROOM)}`, username: `p${nth}` })
    await session.append({ text: 'x' })
    // All join within 20 s, so that none is away before the last has joined.
    clock.advance(20_000 / count)
  }
  const present = heapBytes()
  const { user } = process.cpuUsage()
  const load = () => hub.admin.load()
  for (let step = 0; step < 1100; step++) {
    clock.advance(100)
    await turn()
  }
  const cpu = process.cpuUsage().user - user
  const lapsed = load()
  await letGo(clock, () => load().rooms)
  const unloaded = heapBytes()
  hub = undefined
  clock = undefined
  const ofLogs = heapBytes()
  // Keeps the logs until here.
  await logs.log.close()
  return {
    sessions: count,
    'with a place after 110 s': lapsed.sessions,
    'CPU us per session': (cpu / count).toFixed(1),
    'bytes per session': Math.round((present - before) / count),
    'bytes once unloaded': Math.round((unloaded - ofLogs) / count),
    'bytes in the logs': Math.round((ofLogs - before) / count),
  }
}

export async function sessions(most) {
  console.log('\nSessions that go away and lapse')
  const rows = []
  for (const count of STEPS) if (count <= most) rows.push(await measure(count))
  console.table(rows)
}
