import { watchRoom } from '@midsentence/client'
import { isMidsentenceError, type ScoreRecord } from '@midsentence/core'
import { credentialFor } from '../../shared/identity.ts'
import { requiresCredential, serverAddress } from '../../shared/server-address.ts'
import { isScoreRecord } from '../model/read-file.ts'

export interface RoomFollower {
  /** New records, in order. */
  records(batch: readonly ScoreRecord[]): void
  /** The server keeps other records than those that it gave: they are no part of what follows. */
  restarted(): void
  /** What there is to say about the connection. Undefined: it is up. */
  status(text: string | undefined): void
}

/** How long records wait for others, so that a long past is not drawn record by record, in milliseconds. */
const BATCH_MS = 30

const NO_PASSWORD =
  'This server has a password, which a page keeps only until a reload. Join with it to see this; if you are in the room, leave first.'

/**
 * Gives all that is kept of a room's score, then what happens. Returns a function that ends it. A server that keeps its rooms in
 * memory counts from 1 again after a restart: after a lost connection, the newest record is asked for once more and compared.
 */
export function followRoom(room: string, follower: RoomFollower): () => void {
  const credential = credentialFor(room)
  let waiting: ScoreRecord[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let newest: ScoreRecord | undefined
  let end = () => {}

  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const batch = waiting
    waiting = []
    if (batch.length > 0) follower.records(batch)
  }
  const startOver = () => {
    flush()
    newest = undefined
    follower.restarted()
    watch()
  }
  const take = (record: ScoreRecord) => {
    if (newest && record.position <= newest.position) {
      const isSame = record.position < newest.position || (record.at === newest.at && record.type === newest.type)
      if (!isSame) startOver()
      return
    }
    newest = record
    waiting.push(record)
    timer ??= setTimeout(flush, BATCH_MS)
  }
  const watch = () => {
    end()
    let isUp = false
    const subscription = watchRoom({
      url: serverAddress(),
      room,
      ...(credential !== undefined && { credential }),
      ...(newest && { from: newest.position - 1 }),
    }).subscribe({
      next(item) {
        if (item.type === 'record') {
          if (isScoreRecord(item.record)) take(item.record)
        } else if (item.type === 'link') {
          const wasUp = isUp
          isUp = item.link.state === 'up'
          follower.status(isUp ? undefined : 'Reconnecting to the recording …')
          if (wasUp && !isUp) watch()
        }
      },
      error(error: unknown) {
        if (newest && isMidsentenceError(error) && error.code === 'invalid-params') startOver()
        else if (credential === undefined && requiresCredential()) follower.status(NO_PASSWORD)
        else follower.status(error instanceof Error ? error.message : 'The recording cannot be watched.')
      },
    })
    end = () => subscription.unsubscribe()
  }

  follower.status('Connecting to the recording …')
  watch()
  return () => {
    end()
    clearTimeout(timer)
  }
}
