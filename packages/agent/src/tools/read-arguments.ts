import { CHECK_DEFAULT_MS, CHECK_MAX_MS, type ToolName } from './definitions.ts'

/** Arguments of a tool call. Each is there for the tools that take it. */
export interface ToolArguments {
  readonly text: string
  readonly timeout_ms: number
  /** A read code, in any form. */
  readonly read?: unknown
}

/**
 * Reads the arguments of a tool call in the forms that models write. Unknown ones are ignored. Throws a `TypeError` with a
 * sentence for the model, before anything is done.
 *
 * @param checkMaxMs Longest wait of a check, in milliseconds. A longer one is shortened.
 */
export function readArguments(tool: ToolName, args: unknown, checkMaxMs: number = CHECK_MAX_MS): ToolArguments {
  const fields = (typeof args === 'string' ? { text: args } : Object(args ?? {})) as Readonly<Record<string, unknown>>
  const { text, timeout_ms, read } = fields
  // A draft that is sent in place of this text would surprise the model.
  const isGiven = ['text', 'message', 'content'].some(name => isSomething(fields[name]))
  if (tool === 'append' && typeof text !== 'string')
    throw new TypeError('append takes a text: what to add to your draft.')
  if (tool === 'push' && isGiven)
    throw new TypeError('Nothing was sent: push takes no text. append it first, then push sends your whole draft.')
  return {
    text: typeof text === 'string' ? text : '',
    timeout_ms: tool === 'check' ? readTimeout(timeout_ms, checkMaxMs) : 0,
    read,
  }
}

const isSomething = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

function readTimeout(given: unknown, max: number): number {
  if (given === undefined || given === null) return Math.min(CHECK_DEFAULT_MS, max)
  const ms = typeof given === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(given) ? Number(given) : given
  if (typeof ms === 'number' && ms >= 0) return Math.min(ms, max)
  throw new TypeError(`check takes timeout_ms as a number of milliseconds from 0 to ${max}.`)
}
