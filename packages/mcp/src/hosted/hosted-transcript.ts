import { linkSignals, type Message, readMessage, type Seq } from '@midsentence/core'
import type { ServerAddresses } from '@midsentence/core/rpc-client'
import { TRANSCRIPT_LIMIT } from '../room-client.ts'

/** Longest time to read a transcript, in milliseconds. Messages that arrive later are left out. */
const TIMEOUT_MS = 2000

/** Resolves with the newest messages of a hosted session up to `cursor`, oldest first, from its event stream. */
export async function readHostedTranscript(
  { url }: ServerAddresses,
  token: string,
  { room, cursor }: { readonly room: string; readonly cursor: Seq },
): Promise<readonly Message[]> {
  const messages: Message[] = []
  if (cursor === 0) return messages
  const address = `${url}/rooms/${encodeURIComponent(room)}/events?after=0`
  const { signal, unlink } = linkSignals([], { ms: TIMEOUT_MS })
  let began = false
  try {
    const { body } = await fetch(address, { headers: { authorization: `Bearer ${token}` }, signal })
    began = true
    for await (const message of messagesOf(body!)) {
      if (message.seq > cursor) break
      messages.push(message)
      if (messages.length > TRANSCRIPT_LIMIT) messages.shift()
      if (message.seq === cursor) break
    }
  } catch (error) {
    if (!signal.aborted || !began) throw error
  } finally {
    unlink()
  }
  return messages
}

/** Parses the messages of an event stream. Each message is one line of JSON. */
async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    const events = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = events.pop()!
    for (const event of events) {
      const data = /^event: ?message$/m.test(event) && /^data: ?(.*)$/m.exec(event)?.[1]
      const message = data ? readMessage(JSON.parse(data)) : undefined
      if (message) yield message
    }
  }
}
