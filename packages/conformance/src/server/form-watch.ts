import { answerProblem, errorProblem, eventProblem, messageProblem } from '@midsentence/core/wire'
import { canonical } from '../kit/canonical.ts'
import type { RuleId } from '../kit/rules.ts'
import type { StreamEvent } from './server-harness.ts'

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields => Object(value)

/** The members that a sent answer shares with its message. */
const receiptOf = ({ seq, timestamp, crossed, crossed_more }: Fields): string =>
  canonical({ seq, timestamp, crossed, crossed_more })

/**
 * Checks the form of every answer, error, event and message of one case by the schemas of the OpenRPC document, and that
 * a message is the same wherever it appears. Reports each problem with the rule that it breaks; never throws.
 */
export class FormWatch {
  /** How many answers it was given. */
  answers = 0
  readonly #report: (id: RuleId, problem: string) => void
  /** Each message by its id, as it was first seen. */
  readonly #messages = new Map<string, string>()
  /** The receipt of each message by its id, from an answer or from the message. */
  readonly #receipts = new Map<string, string>()

  constructor(report: (id: RuleId, problem: string) => void) {
    this.#report = report
  }

  /** Takes a JSON-RPC request and its answer. Ignores what is not JSON: other rules are about that. */
  answer(request: string, answer: string | undefined): void {
    this.answers++
    const responses = listOf(parsed(answer))
    const methods = new Map(listOf(parsed(request)).map(call => [canonical(call.id), String(call.method)]))
    for (const response of responses) {
      if (response.error !== undefined) this.#check('W8', errorProblem(response.error))
      const method = methods.get(canonical(response.id))
      if (method === undefined || response.result === undefined) continue
      const result = fieldsOf(response.result)
      const messages: readonly unknown[] = Array.isArray(result.messages) ? result.messages : []
      for (const message of messages) this.#message(message)
      // A wrong message is reported once, by its own rule.
      this.#check('W8', answerProblem(method, messages.length > 0 ? { ...result, messages: [] } : result))
      if (typeof result.message_id === 'string') this.#receipt(result.message_id, result)
    }
  }

  /** Takes an event of a stream. */
  event({ event, data }: StreamEvent): void {
    const value = parsed(data)
    if (event === 'message') this.#message(value)
    else this.#check('W8', eventProblem(event, value))
  }

  #check(id: RuleId, problem: string | undefined): void {
    if (problem !== undefined) this.#report(id, problem)
  }

  #message(value: unknown): void {
    const problem = messageProblem(value)
    if (problem !== undefined) return this.#report('B1', problem)
    const message = fieldsOf(value)
    const id = String(message.message_id)
    const text = canonical(message)
    const before = this.#messages.get(id) ?? text
    this.#messages.set(id, before)
    if (before !== text)
      this.#report('B1', `a message has other members in another place\none:   ${before}\nother: ${text}`)
    this.#check('H3', crossingProblem(message))
    this.#receipt(id, message)
  }

  /** Compares an answer to a push with its message, whichever comes first. */
  #receipt(id: string, fields: Fields): void {
    const text = receiptOf(fields)
    const before = this.#receipts.get(id) ?? text
    this.#receipts.set(id, before)
    if (before !== text)
      this.#report('P7', `the answer to a push and its message differ\none:   ${before}\nother: ${text}`)
  }
}

/** Returns what is wrong with the crossed seqs of a well-formed message. */
function crossingProblem({ seq, base, crossed, crossed_more }: Fields): string | undefined {
  if (typeof base === 'number' && base >= (seq as number)) return 'a message has a base that is not below its seq'
  if (!Array.isArray(crossed))
    return crossed_more === undefined ? undefined : 'a message has crossed_more without crossed'
  const least = typeof base === 'number' ? base : 0
  const ascending = crossed.every((each, at) => each > (at === 0 ? least : crossed[at - 1]) && each < (seq as number))
  if (!ascending) return 'crossed lists seqs that do not lie between base and seq, in ascending order'
  if (crossed_more !== undefined && crossed.length < 100) return 'crossed_more is there although crossed has room'
  return undefined
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return undefined
  }
}

const listOf = (value: unknown): readonly Fields[] =>
  (Array.isArray(value) ? value : [value]).filter(each => typeof each === 'object' && each !== null)
