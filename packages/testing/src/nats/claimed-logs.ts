import { randomUUID } from 'node:crypto'
import type { NatsCluster, OwnedLogs } from '@midsentence/cluster-nats'
import { MidsentenceError, type RoomLog, type ScoreLog, type SessionLog } from '@midsentence/core'

/** The logs of a cluster as logs of any room: each room is claimed at its first use. */
export interface ClaimedLogs {
  readonly log: RoomLog
  readonly sessions: SessionLog
  readonly scores: ScoreLog
  /** Closes all logs, and the cluster. */
  close(): Promise<void>
}

/**
 * Claims rooms at their first use, for a server with a random id. Rooms are kept apart from those of other callers by `space`,
 * so that many cases can share the streams of one cluster.
 */
export function claimedLogs(cluster: NatsCluster, space: string): ClaimedLogs {
  const { logs } = cluster
  const owner = randomUUID()
  const claims = new Map<string, Promise<OwnedLogs>>()
  let closing: Promise<void> | undefined
  const running = new Set<Promise<unknown>>()
  const check = (): void => {
    if (closing) throw new MidsentenceError('unavailable', 'The logs are closed.')
  }
  /** Makes a call, which `close` waits for. */
  const call = async <T>(act: () => Promise<T>): Promise<T> => {
    check()
    const call = act()
    running.add(call)
    return call.finally(() => running.delete(call))
  }
  const owned = (room: string): Promise<OwnedLogs> => {
    const known = claims.get(room) ?? logs.claim(space + room, owner)
    claims.set(room, known)
    return known
  }
  const all = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
    const found: T[] = []
    for await (const item of items) found.push(item)
    return found
  }
  const close = (): Promise<void> => {
    closing ??= Promise.allSettled(running).then(() => cluster.close())
    return closing
  }
  const inSpace = async function* (rooms: () => AsyncIterable<string>): AsyncGenerator<string> {
    for (const room of await call(() => all(rooms()))) if (room.startsWith(space)) yield room.slice(space.length)
  }

  const log: RoomLog = {
    id: `${logs.id}${space}`,
    durability: logs.durability,
    head: room => call(async () => (await owned(room)).log.head(space + room)),
    append: async (room, records, expected) => {
      const copy = [...records]
      return call(async () => (await owned(room)).log.append(space + room, copy, expected))
    },
    messages: (room, after, limit) => call(async () => (await owned(room)).log.messages(space + room, after, limit)),
    async *records(room, after) {
      yield* await call(async () => all((await owned(room)).log.records(space + room, after)))
    },
    snapshots: {
      load: room => call(async () => (await owned(room)).log.snapshots!.load(space + room)),
      save: (room, snapshot) => call(async () => (await owned(room)).log.snapshots!.save(space + room, snapshot)),
    },
    close,
  }
  const sessions: SessionLog = {
    durability: logs.durability,
    rooms: () => inSpace(() => logs.rooms()),
    head: room => call(async () => (await owned(room)).sessions.head(space + room)),
    async *read(room) {
      yield* await call(async () => all((await owned(room)).sessions.read(space + room)))
    },
    append: async (room, records, expected) => {
      const copy = [...records]
      return call(async () => (await owned(room)).sessions.append(space + room, copy, expected))
    },
    release: room => call(async () => (await owned(room)).sessions.release!(space + room)),
    close,
  }
  const { scores } = logs
  return {
    log,
    sessions,
    scores: {
      durability: scores.durability,
      end: room => call(() => scores.end(space + room)),
      append: (room, group) => call(() => scores.append(space + room, group)),
      read: (room, after, limit) => call(() => scores.read(space + room, after, limit)),
      rooms: () => inSpace(() => scores.rooms()),
      trim: (room, before) => call(() => scores.trim(space + room, before)),
      erase: room => call(() => scores.erase(space + room)),
      close,
    },
    close,
  }
}
