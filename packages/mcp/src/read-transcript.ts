import { renderErrorForModel, renderMessages } from '@midsentence/client'
import { isMidsentenceError } from '@midsentence/core'
import type { RoomClient } from './room-client.ts'

/** Longest transcript, in characters. Older messages are left out; the newest one is always there. */
const MAX_LENGTH = 32_000

const omittedText = '* What was said before this is left out here.'

/** Resolves with the transcript as text for a model. Never rejects: an error becomes a sentence. */
export async function readTranscript(client: Pick<RoomClient, 'transcript'>): Promise<string> {
  try {
    const shown = (await client.transcript()).map(message => renderMessages([message]))
    let from = shown.length
    for (let length = omittedText.length + 1; from > 0; from--) {
      length += shown[from - 1]!.length + 1
      if (length > MAX_LENGTH && from < shown.length) break
    }
    const omitted = from === 0 ? [] : [omittedText]
    return [...omitted, ...shown.slice(from)].join('\n') || '* You have received no messages yet.'
  } catch (error) {
    return isMidsentenceError(error) ? renderErrorForModel(error) : '* The transcript cannot be read just now.'
  }
}
