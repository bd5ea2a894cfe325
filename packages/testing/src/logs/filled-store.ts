import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fact, RoomRecord, SessionRecord } from '@midsentence/core'
import { type LmdbStore, type LmdbStoreOptions, lmdbStore } from '@midsentence/store-lmdb'

const timestamp = '2026-01-01T00:00:00.000Z'

/** Creates message `seq` of a room, sent by the session `s`. */
export const sentMessage = (seq: number, content = `message ${seq}.`, at = timestamp): RoomRecord => ({
  type: 'message',
  message: { message_id: `m${seq}`, sender_id: 'Ada', content, timestamp: at, seq, base: seq - 1 },
  session: 's',
  push: seq,
  key: '',
})

export const granted: RoomRecord = { type: 'floor.granted', session: 's', name: 'the floor of Ada' }

export const acted = (text: string): SessionRecord => ({
  session_id: 's',
  fact: { type: 'acted', push: 1, drafted: { type: 'appended', text, base: 0 } },
})

export const fact = (text: string): Fact => ({ type: 'appended', text, base: 0 })

/** Opens a store that closes with its test. */
export async function opened(
  directory: string,
  onTestFinished: (end: () => Promise<void>) => void,
  options?: LmdbStoreOptions,
): Promise<LmdbStore> {
  const store = await lmdbStore(directory, options)
  onTestFinished(() => store.close())
  return store
}

/** Writes some records of every kind. */
export async function filled({ log, sessions, journal }: LmdbStore): Promise<void> {
  const first = await log.append('lobby', [sentMessage(1), sentMessage(2), granted], await log.head('lobby'))
  await log.snapshots!.save('lobby', { position: first, state: 'the older snapshot' })
  const second = await log.append('lobby', [sentMessage(3)], first)
  await log.snapshots!.save('lobby', { position: second, state: 'the newer snapshot' })
  await log.append('lobby', [sentMessage(4), sentMessage(5)], second)
  await log.append('another room', [sentMessage(1)], await log.head('another room'))
  let at = await sessions.head('lobby')
  for (const text of ['one ', 'two ', 'three ']) at = await sessions.append('lobby', [acted(text)], at)
  await journal('Ada').append([fact('a fact')])
  await journal('Ada').append([fact('another fact')])
}

/** The length of a data file up to its last page that is not empty, in bytes. */
export const usedBytes = (content: Buffer): number =>
  Math.ceil((content.findLastIndex(byte => byte !== 0) + 1) / 4096) * 4096

/** Changes the first byte of `text` wherever it occurs in the file of a closed store. Returns how often. */
export function flip(directory: string, text: string): number {
  const path = join(directory, 'data.mdb')
  const content = readFileSync(path)
  let flipped = 0
  for (let at = content.indexOf(text); at >= 0; at = content.indexOf(text, at + 1)) {
    content[at]! ^= 1
    flipped++
  }
  writeFileSync(path, content)
  return flipped
}
