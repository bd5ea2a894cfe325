import type { IncomingMessage } from 'node:http'
import { textOf } from '../../server/body.ts'
import { type Answer, answers, type Fault, malformed } from './answer.ts'

/** The fields asked for, or what is wrong with what came. */
export type Fields<Name extends string> =
  | { readonly fields: Readonly<Record<Name, string>> }
  | { readonly refusal: Answer }

/**
 * Reads the texts called `names` out of a request's body, as strict and as lenient as the framework of the seed's server
 * is: numbers and truth values are taken for their texts, what nobody asked for is passed over.
 */
export function fieldsOf<Name extends string>(
  req: IncomingMessage,
  bytes: Buffer,
  names: readonly Name[],
): Fields<Name> {
  const body = bodyOf(req, bytes)
  if ('refusal' in body) return body
  const given = body.value
  const faults: Fault[] = []
  const fields: Partial<Record<Name, string>> = {}
  for (const name of names) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    const text = written(value)
    if (text !== undefined) fields[name] = text
    else faults.push({ loc: ['body', name], ...whyNot(value) })
  }
  return faults.length > 0 ? { refusal: malformed(faults) } : { fields: fields as Record<Name, string> }
}

/** The `username` of a stream's address; the last one counts. */
export function usernameOf({ url = '' }: IncomingMessage): Fields<'username'> {
  const username = new URLSearchParams(/\?([^#]*)/s.exec(url)?.[1]).getAll('username').at(-1)
  if (username !== undefined) return { fields: { username } }
  return { refusal: malformed([{ loc: ['query', 'username'], ...required }]) }
}

type Body = { readonly value: Readonly<Record<string, unknown>> } | { readonly refusal: Answer }

function bodyOf({ headers }: IncomingMessage, bytes: Buffer): Body {
  if (bytes.length === 0) return wrong(required)
  // A browser asks before it sends this type to a server of somebody else, and only this type: nothing else is read.
  if (!/^application\/(.+\+)?json\s*(;|$)/i.test(headers['content-type'] ?? '')) return wrong(noObject)
  const text = textOf(bytes)
  if (text === undefined) return { refusal: answers.unreadable }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return wrong(noJson)
  }
  if (value === null) return wrong(required)
  if (value === '' || (Array.isArray(value) && value.length === 0)) return { value: {} }
  if (typeof value !== 'object' || Array.isArray(value)) return wrong(noObject)
  return { value: value as Record<string, unknown> }
}

/** The text of what JSON has as a text, a number or a truth value, as Python writes it. */
function written(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  // Those that both languages write alike; of the others nobody could say what was meant.
  const alike = Number.isInteger(value) ? Number.isSafeInteger(value) : Math.abs(value) >= 1e-4
  return alike ? String(value) : undefined
}

type Why = Pick<Fault, 'msg' | 'type'>

const required: Why = { msg: 'field required', type: 'value_error.missing' }
const noObject: Why = { msg: 'value is not a valid dict', type: 'type_error.dict' }
const noText: Why = { msg: 'str type expected', type: 'type_error.str' }
const nothing: Why = { msg: 'none is not an allowed value', type: 'type_error.none.not_allowed' }
const noJson: Why = { msg: 'the body is not JSON', type: 'value_error.jsondecode' }

const wrong = (why: Why): Body => ({ refusal: malformed([{ loc: ['body'], ...why }]) })
const whyNot = (value: unknown): Why => (value === undefined ? required : value === null ? nothing : noText)
