import { type AttentionPreset, type ConverseOptions, converse } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { fileJournal } from '@midsentence/client/node'
import { isMidsentenceError, MidsentenceError } from '@midsentence/core'
import { journalPath } from '../mcp/journal-path.ts'
import { palette } from '../palette.ts'
import { expandHome } from '../settings/read-text-file.ts'
import { budgetText } from './budget-text.ts'
import { endpointModel } from './endpoint-model.ts'
import { formatEvent } from './format-event.ts'
import type { EndpointOptions } from './parse-endpoint.ts'

export interface AgentOptions
  extends Required<
      Pick<ConverseOptions, 'begins' | 'persona' | 'first_token_ms' | 'stall_ms' | 'retries' | 'settings'>
    >,
    Pick<ConverseOptions, 'history' | 'context'> {
  readonly urls: readonly string[]
  readonly username: string
  readonly room: string
  /** Password or signed token, if the server requires one. */
  readonly credential?: string
  /** How many messages from before the join the model reads, where the room shows its history. */
  readonly last: number
  readonly endpoint: EndpointOptions
  readonly attention: AttentionPreset
  readonly respondTo: AttentionPreset
  readonly budget: { readonly turns: number; readonly tokens: number }
  /** Path of the journal. True: a file in the state folder. False: none. */
  readonly journal: string | boolean
}

/** Runs a model in a room and prints its events. Rejects with a sentence when the model or the room fails. */
export async function runAgent(options: AgentOptions, signal: AbortSignal) {
  const { urls, username, room, last, credential, endpoint, journal, ...rest } = options
  const paint = palette(process.stdout)
  // An agent works in no folder: it is the same from everywhere.
  const path =
    journal === true ? journalPath({ urls, room, name: username, workspace: '' }) : journal && expandHome(journal)
  const conversation = converse({
    ...rest,
    model: endpointModel(endpoint),
    room: new AsyncChatRoom({
      url: urls,
      username,
      room,
      since: { last },
      ...(credential !== undefined && { credential }),
      ...(path && { journal: fileJournal(path) }),
    }),
    signal,
    onEvent(event) {
      const line = formatEvent(username, event, paint)
      if (line !== undefined) process.stdout.write(`${line}\n`)
    },
  })
  const result = await conversation.catch(error => {
    throw isMidsentenceError(error) && error.data.reason === 'locked' ? inUse(username, error) : error
  })
  process.stdout.write(`${paint.dim(budgetText({ name: username, ...result, budget: options.budget }))}\n`)
  const { reason, sentence } = result
  if (reason === 'failed' || reason === 'lost') throw new MidsentenceError('unavailable', sentence)
}

const inUse = (name: string, cause: MidsentenceError) =>
  new MidsentenceError(
    'unavailable',
    `${cause.problem.replace(/\.?$/, '.')} An agent runs as ${JSON.stringify(name)} in this room already.`,
    {
      cause,
      remedy: 'end it first, or give this one another name with --name (and another file, where you give --journal)',
    },
  )
