import { type ErrorCode, rpcNumbers } from '../errors.ts'

/** One error code, as documented. The message of an error is a sentence that says what to do. */
export interface RpcError {
  readonly code: ErrorCode
  readonly number: number
  readonly name: string
  readonly meaning: string
}

const meanings: Readonly<Record<ErrorCode, readonly [name: string, meaning: string]>> = {
  'parse-error': ['Parse error', 'The text is not valid JSON.'],
  'invalid-request': ['Invalid request', 'The JSON is not a request, or its batch is empty or too long.'],
  'method-not-found': ['Method not found', 'There is no such method.'],
  'invalid-params': ['Invalid params', 'A parameter is missing or is not what it must be; the message names it.'],
  internal: ['Internal error', 'The server failed.'],
  'no-draft': ['No draft exists', 'The draft is empty, so there is nothing to push.'],
  'rate-limited': ['Rate limit exceeded', 'Too many calls: wait for data.retry_after_ms.'],
  'content-policy': ['Content policy violation', 'The room refuses this content; data.reason says why.'],
  'session-unknown': ['Session unknown', 'The session does not exist or has ended: join.'],
  'name-taken': ['Name taken', 'The name is taken (data.reason is occupied) or not allowed: choose another.'],
  'room-unavailable': ['Room unavailable', 'The room does not exist, is full or is not open to you.'],
  unavailable: [
    'Unavailable',
    'Not possible now: try again after data.retry_after_ms. With data.unknown the call may have had its effect; repeat it with the same key to find out, or, if it had none, look before you repeat it.',
  ],
}

/** All errors, in the order of the original API document. */
export const rpcErrors: readonly RpcError[] = (Object.keys(meanings) as ErrorCode[]).map(code => {
  const [name, meaning] = meanings[code]
  return { code, number: rpcNumbers[code], name, meaning }
})
