// Fills a directory with one room: `count` messages by 50 sessions.
import { openHub } from '@midsentence/core/hub'
import { lmdbStore } from '@midsentence/store-lmdb'

const BATCH = 1000

export async function fill(directory, count) {
  const store = await lmdbStore(directory)
  let at = await store.log.head('lobby')
  for (let seq = 1; seq <= count; ) {
    const records = []
    for (let left = BATCH; left > 0 && seq <= count; left--, seq++) records.push(record(seq))
    at = await store.log.append('lobby', records, at)
  }
  await store.close()
}

/** Creates message `seq`, about 300 bytes long. */
export function record(seq) {
  const session = `s-${(seq * 7919) % 50}`
  const content = `This is message ${seq}, which is about as long as what a model says between two others. `.repeat(2)
  const timestamp = new Date(Date.UTC(2026, 0, 1) + seq).toISOString()
  const message = { message_id: `m-${seq}`, sender_id: session, content, timestamp, seq, base: seq - 1 }
  return { type: 'message', message, session, push: seq, key: '' }
}

/** Opens a hub on a directory, sends one message and closes it. Returns the time until it was acknowledged. */
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
