// Fills a directory with a room of so many messages by 50 sessions, and leaves a snapshot as a hub does.
import { openHub } from '@midsentence/core/hub'
import { lmdbStore } from '@midsentence/store-lmdb'

const TOGETHER = 1000

export async function fill(directory, count) {
  const store = await lmdbStore(directory)
  let at = await store.log.head('lobby')
  for (let seq = 1; seq <= count; ) {
    const records = []
    for (let left = TOGETHER; left > 0 && seq <= count; left--, seq++) records.push(record(seq))
    at = await store.log.append('lobby', records, at)
  }
  await store.close()
}

/** Message `seq`, of some 300 bytes. */
export function record(seq) {
  const session = `s-${(seq * 7919) % 50}`
  const content = `This is message ${seq}, which is about as long as what a model says between two others. `.repeat(2)
  const timestamp = new Date(Date.UTC(2026, 0, 1) + seq).toISOString()
  const message = { message_id: `m-${seq}`, sender_id: session, content, timestamp, seq, base: seq - 1 }
  return { type: 'message', message, session, push: seq, key: '' }
}

/** Opens a hub over a directory, says one thing, and closes it: how long it took until that was acknowledged. */
export async function serve(directory) {
  const start = performance.now()
  const store = await lmdbStore(directory)
  const hub = await openHub({ log: store.log, sessions: store.sessions })
  const ada = await hub.join({ username: 'Ada' })
  await ada.append({ text: 'Here.' })
  const { seq } = await ada.push()
  const took = performance.now() - start
  await ada.leave()
  await hub.close()
  await store.close()
  return { took, seq }
}
