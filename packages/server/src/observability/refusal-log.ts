import { networkOf } from '../access/client-address.ts'
import type { ServerLog } from './log.ts'

/** The first refusal of a kind is logged at once, those after it once in this time, with their number. */
export const SUMMARY_MS = 10_000

/** Kinds of refusals that are counted apart within that time. More of them are counted together, by their message. */
export const MAX_KINDS = 1000

interface Refusals {
  readonly level: 'warn' | 'debug'
  readonly message: string
  readonly fields: object
  /** Since the last line. */
  count: number
}

/**
 * Logs refusals, which a client can cause at will, and scores that cannot be written: at most one line in ten seconds for each kind. A kind is a message with
 * its fields; the addresses of one network are one.
 */
export class RefusalLog {
  readonly #log: ServerLog
  readonly #refusals = new Map<string, Refusals>()
  #timer: NodeJS.Timeout | undefined

  constructor(log: ServerLog) {
    this.#log = log
  }

  add(level: 'warn' | 'debug', message: string, fields: Readonly<Record<string, string>>): void {
    const { address, ...rest } = fields
    const kind = JSON.stringify([message, rest, address === undefined ? '' : networkOf(address)])
    if (this.#count(kind)) return
    const isFull = this.#refusals.size >= MAX_KINDS
    if (isFull && this.#count(message)) return
    this.#refusals.set(isFull ? message : kind, {
      level,
      message,
      fields: isFull ? { others: true } : fields,
      count: 0,
    })
    this.#timer ??= setInterval(() => this.#summarize(), SUMMARY_MS).unref()
    this.#log[level](fields, message)
  }

  /** Logs the numbers so far. */
  close(): void {
    this.#summarize()
    clearInterval(this.#timer)
  }

  #count(kind: string): boolean {
    const known = this.#refusals.get(kind)
    if (known) known.count++
    return known !== undefined
  }

  /** Logs the numbers, and forgets the kinds that came no more. */
  #summarize(): void {
    for (const [kind, refusals] of this.#refusals) {
      const { level, message, fields, count } = refusals
      if (count === 0) this.#refusals.delete(kind)
      else this.#log[level]({ ...fields, count, seconds: SUMMARY_MS / 1000 }, message)
      refusals.count = 0
    }
    if (this.#refusals.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
