import { type ErrorCode, rpcNumbers } from '../errors.ts'

/** One kind of error, as a caller meets it. The message of each is a sentence of its own that says what to do. */
export interface RpcError {
  readonly code: ErrorCode
  readonly number: number
  readonly name: string
  readonly meaning: string
}

const meanings: Readonly<Record<ErrorCode, readonly [name: string, meaning: string]>> = {
  'parse-error': ['Parse error', 'What was sent is not valid JSON.'],
  'invalid-request': ['Invalid request', 'The JSON sent is not a request, or a batch of none or too many.'],
  'method-not-found': ['Method not found', 'There is no such method.'],
  'invalid-params': ['Invalid params', 'A parameter is missing or is not what it must be; the message names it.'],
  internal: ['Internal error', 'Something went wrong on the side of the server.'],
  'no-draft': ['No draft exists', 'A push without anything in the draft.'],
  'rate-limited': ['Rate limit exceeded', 'Too many calls: wait for data.retry_after_ms.'],
  'content-policy': ['Content policy violation', 'The room does not take this content; data.reason says why.'],
  'session-unknown': ['Session unknown', 'There is no session, or no longer: join.'],
  'name-taken': ['Name taken', 'Somebody has this name, or it is not allowed: choose another.'],
  'room-unavailable': ['Room unavailable', 'The room does not exist, is full or is not open to you.'],
  unavailable: [
    'Unavailable',
    'Not possible at the moment: try again after data.retry_after_ms. With data.unknown it may have been done; the same key again tells.',
  ],
}

/** Every error there is, in the order of the API document. */
export const rpcErrors: readonly RpcError[] = (Object.keys(meanings) as ErrorCode[]).map(code => {
  const [name, meaning] = meanings[code]
  return { code, number: rpcNumbers[code], name, meaning }
})
