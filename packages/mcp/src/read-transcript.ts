import { renderMessages } from '@midsentence/client'
import { isMidsentenceError } from '@midsentence/core'
import type { RoomClient } from './room-client.ts'

/** Resolves with the transcript as text for a model. Never rejects: an error becomes a sentence. */
export async function readTranscript(client: RoomClient): Promise<string> {
  try {
    return renderMessages(await client.transcript()) || '* You have received no messages yet.'
  } catch (error) {
    return `* ${isMidsentenceError(error) ? error.message : 'The transcript cannot be read just now.'}`
  }
}
