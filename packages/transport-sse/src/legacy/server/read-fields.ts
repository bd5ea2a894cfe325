import type { IncomingMessage } from 'node:http'
import { textOf } from '../../server/request-body.ts'
import { invalid, type LegacyResponse, responses, type ValidationError } from './responses.ts'

/** The fields asked for, or what is wrong with what came. */
export type FieldsResult<Name extends string> =
  | { readonly fields: Readonly<Record<Name, string>> }
  | { readonly refusal: LegacyResponse }

/**
 * Reads the texts called `names` out of a request's body, as strict and as lenient as the framework of the seed's server
 * is: numbers and truth values are taken for their texts, what nobody asked for is passed over.
 */
export function readFields<Name extends string>(
  req: IncomingMessage,
  bytes: Buffer,
  names: readonly Name[],
): FieldsResult<Name> {
  const body = parseBody(req, bytes)
  if ('refusal' in body) return body
  const given = body.value
  const faults: ValidationError[] = []
  const fields: Partial<Record<Name, string>> = {}
  for (const name of names) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    const text = pythonText(value)
    if (text !== undefined) fields[name] = text
    else faults.push({ loc: ['body', name], ...problemOf(value) })
  }
  return faults.length > 0 ? { refusal: invalid(faults) } : { fields: fields as Record<Name, string> }
}

/** The `username` of a stream's address; the last one counts. */
export function readUsername({ url = '' }: IncomingMessage): FieldsResult<'username'> {
  const username = new URLSearchParams(/\?([^#]*)/s.exec(url)?.[1]).getAll('username').at(-1)
  if (username !== undefined) return { fields: { username } }
  return { refusal: invalid([{ loc: ['query', 'username'], ...required }]) }
}

type ParsedBody = { readonly value: Readonly<Record<string, unknown>> } | { readonly refusal: LegacyResponse }

function parseBody({ headers }: IncomingMessage, bytes: Buffer): ParsedBody {
  if (bytes.length === 0) return invalidBody(required)
  // A browser asks before it sends this type to a server of somebody else, and only this type: nothing else is read.
  if (!/^application\/(.+\+)?json\s*(;|$)/i.test(headers['content-type'] ?? '')) return invalidBody(noObject)
  const text = textOf(bytes)
  if (text === undefined) return { refusal: responses.unreadable }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return invalidBody(noJson)
  }
  if (value === null) return invalidBody(required)
  if (value === '' || (Array.isArray(value) && value.length === 0)) return { value: {} }
  if (typeof value !== 'object' || Array.isArray(value)) return invalidBody(noObject)
  return { value: value as Record<string, unknown> }
}

/** The text of what JSON has as a text, a number or a truth value, as Python writes it. */
function pythonText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  // Those that both languages write alike; of the others nobody could say what was meant.
  const alike = Number.isInteger(value) ? Number.isSafeInteger(value) : Math.abs(value) >= 1e-4
  return alike ? String(value) : undefined
}

type Problem = Pick<ValidationError, 'msg' | 'type'>

const required: Problem = { msg: 'field required', type: 'value_error.missing' }
const noObject: Problem = { msg: 'value is not a valid dict', type: 'type_error.dict' }
const noText: Problem = { msg: 'str type expected', type: 'type_error.str' }
const nothing: Problem = { msg: 'none is not an allowed value', type: 'type_error.none.not_allowed' }
const noJson: Problem = { msg: 'the body is not JSON', type: 'value_error.jsondecode' }

const invalidBody = (why: Problem): ParsedBody => ({ refusal: invalid([{ loc: ['body'], ...why }]) })
const problemOf = (value: unknown): Problem => (value === undefined ? required : value === null ? nothing : noText)
