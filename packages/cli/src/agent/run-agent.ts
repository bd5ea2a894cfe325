import { type AttentionPreset, type ConversationBudget, converse } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { MidsentenceError } from '@midsentence/core'
import { palette } from '../palette.ts'
import { endpointModel } from './endpoint-model.ts'
import { formatEvent } from './format-event.ts'
import type { EndpointOptions } from './parse-endpoint.ts'

export interface AgentOptions {
  readonly url: string
  readonly username: string
  readonly room: string
  readonly endpoint: EndpointOptions
  readonly attention: AttentionPreset
  readonly begins: boolean
  readonly budget: ConversationBudget
  readonly persona: string
}

/** Runs a model in a room and prints its events. Rejects with a sentence when the model or the room fails. */
export async function runAgent({ url, username, room, endpoint, ...rest }: AgentOptions, signal: AbortSignal) {
  const paint = palette(process.stdout)
  const { reason, sentence } = await converse({
    ...rest,
    model: endpointModel(endpoint),
    room: new AsyncChatRoom({ url, username, room }),
    signal,
    onEvent(event) {
      const line = formatEvent(username, event, paint)
      if (line !== undefined) process.stdout.write(`${line}\n`)
    },
  })
  if (reason === 'failed' || reason === 'lost') throw new MidsentenceError('unavailable', sentence)
}
