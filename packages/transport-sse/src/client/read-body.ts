import { protocolError } from '@midsentence/core/rpc-client'
import type { FetchLikeResponse } from 'eventsource'

/** A page of messages with all they may carry stays far below this. */
const MAX_BODY = 8 * 2 ** 20

/** The whole text of an answer. Rejects where it breaks off or does not end. */
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
