// Rooms that are joined once and left: time per join, bytes per room, and bytes after they are let go.
import { memoryLog, memorySessions } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { handClock, heapBytes, letGo } from './hand-clock.mjs'

const STEPS = [1000, 10_000, 100_000]

/** Joins `count` rooms, one after another, of which each sends a message if `speaks`. Leaves each if `leaves`. */
async function measure(count, { leaves, speaks }) {
  let clock = handClock()
  const logs = { log: memoryLog(), sessions: memorySessions() }
  let hub = await openHub({
    clock,
    ...logs,
    bounds: { rooms: 2 * count, sessions: 2 * count },
  })
  const before = heapBytes()
  const began = performance.now()
  for (let nth = 0; nth < count; nth++) {
    const session = await hub.join({ room: `room-${nth}`, username: 'Ada' })
    await session.append({ text: 'x' })
    if (speaks) await session.push()
    if (leaves) await session.leave()
  }
  const microseconds = ((performance.now() - began) * 1000) / count
  const open = heapBytes()
  const load = () => hub.admin.load()
  const rooms = load().rooms
  await letGo(clock, () => load().rooms)
  const idle = heapBytes()
  const entered = performance.now()
  if (!leaves) {
    for (let nth = 0; nth < 100; nth++) await hub.join({ room: `room-${nth}`, username: 'Bo' })
  }
  const reopen = (performance.now() - entered) / 100
  const left = load().rooms - (leaves ? 0 : 100)
  hub = undefined
  clock = undefined
  const ofLogs = heapBytes()
  // Keeps the logs until here.
  await logs.log.close()
  return {
    rooms,
    'us per join': microseconds.toFixed(1),
    'bytes per room': Math.round((open - before) / count),
    'rooms after 200 s': left,
    'bytes per room after 200 s': Math.round((idle - ofLogs) / count),
    'bytes in the logs': Math.round((ofLogs - before) / count),
    ...(!leaves && { 'ms to open again': reopen.toFixed(3) }),
  }
}

export async function rooms(most) {
  for (const [title, options] of [
    ['Rooms joined once and left', { leaves: true, speaks: false }],
    ['Rooms with a message and a session that lapses', { leaves: false, speaks: true }],
  ]) {
    console.log(`\n${title}`)
    const rows = []
    for (const count of STEPS) if (count <= most) rows.push(await measure(count, options))
    console.table(rows)
  }
}
