import type { RoomClient } from './room-client.ts'

/** Creates a client that opens another one at its first call, so that a host gets its first answers sooner. */
export function lazyRoomClient(open: () => Promise<RoomClient>): RoomClient {
  let opened: Promise<RoomClient> | undefined
  const client = () => {
    opened ??= open()
    return opened
  }
  return {
    call: async (tool, args, signal) => (await client()).call(tool, args, signal),
    transcript: async () => (await client()).transcript(),
    feed: { read: async after => (await client()).feed.read(after) },
    close: async () => (await opened)?.close(),
  }
}
