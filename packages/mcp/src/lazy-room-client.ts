import type { RoomClient } from './room-client.ts'

/** Creates a client that opens another one at its first call, so that a host gets its first answers sooner. */
export function lazyRoomClient(open: () => Promise<RoomClient>): RoomClient {
  let opened: Promise<RoomClient> | undefined
  let closed = false
  const client = async () => {
    opened ??= open()
    const client = await opened
    // A call that began before the close would wait on.
    if (closed) await client.close()
    return client
  }
  return {
    call: async (tool, args, signal) => (await client()).call(tool, args, signal),
    giveAgain: result =>
      void opened?.then(
        client => client.giveAgain(result),
        () => {},
      ),
    transcript: async () => (await client()).transcript(),
    feed: { read: async after => (await client()).feed.read(after) },
    async close() {
      closed = true
      await opened?.then(
        client => client.close(),
        () => {},
      )
    },
  }
}
