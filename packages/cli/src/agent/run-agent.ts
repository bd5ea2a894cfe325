import { type AttentionPreset, type ConverseOptions, converse } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { MidsentenceError } from '@midsentence/core'
import { palette } from '../palette.ts'
import { endpointModel } from './endpoint-model.ts'
import { formatEvent } from './format-event.ts'
import type { EndpointOptions } from './parse-endpoint.ts'

export interface AgentOptions
  extends Required<
    Pick<ConverseOptions, 'begins' | 'budget' | 'persona' | 'first_token_ms' | 'stall_ms' | 'retries' | 'settings'>
  > {
  readonly url: string
  readonly username: string
  readonly room: string
  /** Password or signed token, if the server requires one. */
  readonly credential?: string
  /** How many messages from before the join the model reads, where the room shows its history. */
  readonly last: number
  readonly endpoint: EndpointOptions
  readonly attention: AttentionPreset
  readonly respondTo: AttentionPreset
}

/** Runs a model in a room and prints its events. Rejects with a sentence when the model or the room fails. */
export async function runAgent(options: AgentOptions, signal: AbortSignal) {
  const { url, username, room, last, credential, endpoint, ...rest } = options
  const paint = palette(process.stdout)
  const { reason, sentence } = await converse({
    ...rest,
    model: endpointModel(endpoint),
    room: new AsyncChatRoom({ url, username, room, since: { last }, ...(credential !== undefined && { credential }) }),
    signal,
    onEvent(event) {
      const line = formatEvent(username, event, paint)
      if (line !== undefined) process.stdout.write(`${line}\n`)
    },
  })
  if (reason === 'failed' || reason === 'lost') throw new MidsentenceError('unavailable', sentence)
}
