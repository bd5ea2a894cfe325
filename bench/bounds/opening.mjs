// Opens a room of many messages that is not in memory, from its snapshot and its log.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHub } from '@midsentence/core/hub'
import { lmdbStore } from '@midsentence/store-lmdb'

const BATCH = 10_000

export async function opening(messages) {
  const directory = mkdtempSync(join(tmpdir(), 'bounds-'))
  try {
    const store = await lmdbStore(directory)
    let position = await store.log.head('lobby')
    for (let seq = 1; seq <= messages; ) {
      const records = []
      for (let nth = 0; nth < BATCH; nth++, seq++)
        records.push({
          type: 'message',
          message: {
            message_id: `m-${seq}`,
            sender_id: `p${seq % 50}`,
            content: `message ${seq}`,
            timestamp: '2026-01-01T00:00:00.000Z',
            seq,
            base: seq - 1,
          },
          session: `s-${seq % 50}`,
          push: 0,
          key: '',
        })
      position = await store.log.append('lobby', records, position)
    }
    const times = { room_idle_ms: 50 }
    const hub = await openHub({ log: store.log, sessions: store.sessions, times })
    const timed = async () => {
      const began = performance.now()
      const session = await hub.join({ username: 'Ada' })
      const ms = performance.now() - began
      await session.leave()
      const leaving = performance.now()
      while (hub.admin.load().rooms > 0) await new Promise(resolve => setTimeout(resolve, 5))
      return [ms, performance.now() - leaving]
    }
    const rows = []
    for (const from of ['all records', 'a snapshot']) {
      const [ms] = await timed()
      rows.push({ messages, from, 'ms to open': Math.round(ms) })
      // A write makes the room save a snapshot when it leaves memory.
      const session = await hub.join({ username: 'Bo' })
      await session.append({ text: 'x' })
      while ((await session.push()).status !== 1);
      await session.leave()
      while (hub.admin.load().rooms > 0) await new Promise(resolve => setTimeout(resolve, 5))
    }
    console.log('\nOpening a room that left memory')
    console.table(rows)
    await hub.close()
    await store.close()
  } finally {
    rmSync(directory, { recursive: true })
  }
}
