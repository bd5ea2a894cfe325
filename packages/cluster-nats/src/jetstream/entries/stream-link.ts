import type { Clock } from '@midsentence/core'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'

/** A connection to JetStream, as everything that reads and writes streams needs it. */
export interface StreamLink {
  readonly connection: NatsConnection
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
  readonly clock: Clock
  /** How long a call is tried again while JetStream does not answer, in milliseconds. */
  readonly retryMs: number
  /** No call is tried again. */
  isClosing: boolean
}

/** Bytes of a message that its subject and headers may take. */
const HEADER_BYTES = 8192

/** Returns how many bytes the data of one message may have. */
export const dataLimit = ({ connection }: StreamLink): number =>
  Math.max((connection.info?.max_payload ?? 2 ** 20) - HEADER_BYTES, 1024)

/** Resolves after `ms` milliseconds, and keeps no process alive. */
export const pause = ({ clock }: StreamLink, ms: number): Promise<void> =>
  new Promise(resolve => {
    clock.after(ms, resolve)
  })

/** Pauses between tries grow from the first to the second, in milliseconds. */
const [FIRST_PAUSE_MS, LAST_PAUSE_MS] = [20, 500]

/** Returns a function that waits before the next try and tells whether there is one. */
export function tries(link: StreamLink): () => Promise<boolean> {
  const end = link.clock.monotonic() + link.retryMs
  let ms = FIRST_PAUSE_MS
  const isOver = () => link.isClosing || link.connection.isClosed() || link.clock.monotonic() >= end
  return async () => {
    if (isOver()) return false
    await pause(link, ms)
    ms = Math.min(ms * 2, LAST_PAUSE_MS)
    return !isOver()
  }
}
