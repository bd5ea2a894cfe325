import { protocolError } from '@midsentence/core/rpc-client'
import type { FetchLikeResponse } from 'eventsource'

/** Characters. A page of messages with all their fields is far smaller. */
const MAX_BODY = 8 * 2 ** 20

/** Reads a whole response body. Rejects if the connection breaks or the body is longer than `MAX_BODY`. */
export async function readBody({ body }: FetchLikeResponse): Promise<string> {
  const reader = body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  let text = ''
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    text += decoder.decode(next.value as Uint8Array, { stream: true })
    if (text.length <= MAX_BODY) continue
    await reader.cancel()
    throw protocolError('its answer does not end')
  }
  return text + decoder.decode()
}
