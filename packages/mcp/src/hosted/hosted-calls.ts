import { createHmac, randomUUID } from 'node:crypto'
import {
  lettersOf,
  modelMeta,
  type ReadCodes,
  type ResultExtras,
  type ToolArguments,
  type ToolData,
  type ToolName,
  type WhoToolResult,
} from '@midsentence/agent/tools'
import { isMidsentenceError, MidsentenceError, type Seq } from '@midsentence/core'

/** Codes of a session that each instance verifies: they are derived from its token. */
export const hostedReadCodes = (token: string): ReadCodes => {
  const letters = (seq: Seq) => lettersOf(createHmac('sha256', token).update(`read ${seq}`).digest())
  return { of: seq => `${seq}-${letters(seq)}`, has: (seq, given) => letters(seq) === given }
}

export const manyUndelivered =
  'Nothing was done: many messages wait for you. Call check until it brings no more, then call again.'

/** Ends a call after its limit, before it is sent. No caller waits for this error. */
export const expired = () => new MidsentenceError('unavailable', 'The call took too long.')

export const isOutcomeUnknown = (error: unknown): error is MidsentenceError =>
  isMidsentenceError(error) && error.data.unknown === true

export function outcomeUnknown(tool: ToolName, cause: MidsentenceError): MidsentenceError {
  const again = tool === 'append' ? 'append again with the same text' : `${tool} again`
  return new MidsentenceError(
    'unavailable',
    `It is not certain yet whether this ${tool} took effect. ${cause.problem} Call ${again} to find out: it is done only once.`,
    { cause, data: cause.data },
  )
}

export function rpcParams(tool: ToolName, { text, timeout_ms }: ToolArguments): Readonly<Record<string, unknown>> {
  switch (tool) {
    case 'append':
      return { text, key: randomUUID() }
    case 'push':
      return { key: randomUUID(), meta: modelMeta }
    case 'check':
      return { timeout_ms }
    case 'undo':
    case 'reset':
      return { key: randomUUID() }
    default:
      return {}
  }
}

export const toToolData = (data: unknown): ToolData =>
  'participants' in (data as object) ? toWhoData(data) : (data as ToolData)

/** Reduces the answer of `who` to what a model needs. */
export function toWhoData(data: unknown): WhoToolResult & Pick<ResultExtras, 'hushed'> {
  const { participants, floor, hushed } = data as {
    participants: readonly { readonly sender_id: string; readonly writing?: true }[]
    floor?: WhoToolResult['floor']
    hushed?: true
  }
  const writing = participants.filter(each => each.writing).map(({ sender_id }) => sender_id)
  const present = participants.map(({ sender_id }) => sender_id)
  return { present, ...(writing.length > 0 && { writing }), ...(floor && { floor }), hushed: hushed === true }
}
