import { connect, createInbox, type NatsConnection } from '@nats-io/transport-node'

/** A snapshot of a stream, as `nats stream backup` makes it. */
export interface StreamBackup {
  readonly name: string
  readonly config: object
  readonly state: object
  readonly chunks: readonly Uint8Array[]
}

/** Bytes of a chunk. */
const CHUNK = 128 * 1024

/** How long NATS may take to restore one stream, in milliseconds. */
const RESTORE_MS = 20_000

/** Takes a snapshot of each stream but `without`, one after the other. */
export async function backUpStreams(url: string, without: string): Promise<readonly StreamBackup[]> {
  const connection = await connect({ servers: url })
  try {
    const { streams = [] } = await ask<{ streams?: string[] }>(connection, '$JS.API.STREAM.NAMES', {})
    const backups: StreamBackup[] = []
    for (const name of streams) if (name !== without) backups.push(await backUp(connection, name))
    return backups
  } finally {
    await connection.close()
  }
}

/** Restores streams that are not there. */
export async function restoreStreams(url: string, backups: readonly StreamBackup[]): Promise<void> {
  const connection = await connect({ servers: url })
  try {
    for (const { name, config, state, chunks } of backups) {
      const request = { config, state }
      const { deliver_subject: to } = await ask<{ deliver_subject: string }>(
        connection,
        `$JS.API.STREAM.RESTORE.${name}`,
        request,
      )
      for (const chunk of chunks) await connection.request(to, chunk, { timeout: RESTORE_MS })
      // An empty message is the end. Its answer is that to the creation of the stream.
      answerOf(await connection.request(to, new Uint8Array(), { timeout: RESTORE_MS }))
    }
  } finally {
    await connection.close()
  }
}

async function backUp(connection: NatsConnection, name: string): Promise<StreamBackup> {
  const deliver_subject = createInbox()
  const received = connection.subscribe(deliver_subject)
  const request = { deliver_subject, no_consumers: true, jsck: true, chunk_size: CHUNK }
  const { config, state } = await ask<{ config: object; state: object }>(
    connection,
    `$JS.API.STREAM.SNAPSHOT.${name}`,
    request,
  )
  const chunks: Uint8Array[] = []
  for await (const message of received) {
    if (message.data.length === 0) break
    chunks.push(message.data.slice())
    message.respond()
  }
  return { name, config, state, chunks }
}

async function ask<T>(connection: NatsConnection, subject: string, request: object): Promise<T> {
  return answerOf<T>(await connection.request(subject, JSON.stringify(request), { timeout: RESTORE_MS }))
}

function answerOf<T>(message: { json<A>(): A }): T {
  const answer = message.json<T & { error?: { description: string } }>()
  if (answer.error) throw new Error(answer.error.description)
  return answer
}
