import type { IncomingMessage } from 'node:http'
import { utf8TextOf } from '../../server/utf8.ts'
import { invalid, type LegacyResponse, responses, type ValidationError } from './responses.ts'

/** The requested fields, or the response that rejects the request. */
export type FieldsResult<Name extends string> =
  | { readonly fields: Readonly<Record<Name, string>> }
  | { readonly response: LegacyResponse }

/**
 * Reads the string fields `names` from a body by the rules of the Python server's framework: numbers and booleans become
 * strings, other fields are ignored.
 */
export function readFields<Name extends string>(
  req: IncomingMessage,
  bytes: Buffer,
  names: readonly Name[],
): FieldsResult<Name> {
  const body = parseBody(req, bytes)
  if ('response' in body) return body
  const given = body.value
  const faults: ValidationError[] = []
  const fields: Partial<Record<Name, string>> = {}
  for (const name of names) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    const text = pythonText(value)
    if (text !== undefined) fields[name] = text
    else faults.push({ loc: ['body', name], ...problemOf(value) })
  }
  return faults.length > 0 ? { response: invalid(faults) } : { fields: fields as Record<Name, string> }
}

/** Reads the last `username` of the query of `target`. */
export function readUsername(target: string): FieldsResult<'username'> {
  const username = new URLSearchParams(/\?([^#]*)/s.exec(target)?.[1]).getAll('username').at(-1)
  if (username !== undefined) return { fields: { username } }
  return { response: invalid([{ loc: ['query', 'username'], ...required }]) }
}

type ParsedBody = { readonly value: Readonly<Record<string, unknown>> } | { readonly response: LegacyResponse }

function parseBody({ headers }: IncomingMessage, bytes: Buffer): ParsedBody {
  if (bytes.length === 0) return invalidBody(required)
  // Only JSON: a browser sends it to another origin after a preflight request only.
  if (!/^application\/(.+\+)?json\s*(;|$)/i.test(headers['content-type'] ?? '')) return invalidBody(notObject)
  const text = utf8TextOf(bytes)
  if (text === undefined) return { response: responses.unreadable }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return invalidBody(notJson)
  }
  if (value === null) return invalidBody(required)
  if (value === '' || (Array.isArray(value) && value.length === 0)) return { value: {} }
  if (typeof value !== 'object' || Array.isArray(value)) return invalidBody(notObject)
  return { value: value as Record<string, unknown> }
}

/** Converts a JSON string, number or boolean to a string as Python does. Undefined for anything else. */
function pythonText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  // Only numbers that both languages write alike.
  const alike = Number.isInteger(value) ? Number.isSafeInteger(value) : Math.abs(value) >= 1e-4
  return alike ? String(value) : undefined
}

type Problem = Pick<ValidationError, 'msg' | 'type'>

const required: Problem = { msg: 'field required', type: 'value_error.missing' }
const notObject: Problem = { msg: 'value is not a valid dict', type: 'type_error.dict' }
const notString: Problem = { msg: 'str type expected', type: 'type_error.str' }
const isNull: Problem = { msg: 'none is not an allowed value', type: 'type_error.none.not_allowed' }
const notJson: Problem = { msg: 'the body is not JSON', type: 'value_error.jsondecode' }

const invalidBody = (why: Problem): ParsedBody => ({ response: invalid([{ loc: ['body'], ...why }]) })
const problemOf = (value: unknown): Problem => (value === undefined ? required : value === null ? isNull : notString)
