import { expect, test } from 'vitest'
import { connectionFailed, httpFailure, noAnswerWithin, redirectTarget } from './no-response-error.ts'
import { transportErrors } from './transport-errors.ts'

const failed = (code: string, syscall = 'write') => Object.assign(new Error('failed'), { code, syscall })
const refused = 'nobody answers there'
/** A failure as the global `fetch` reports it. */
const fetchFailed = (cause: unknown) => new TypeError('fetch failed', { cause })

test.each([
  [failed('ECONNREFUSED', 'connect'), refused, false],
  [fetchFailed(failed('ECONNREFUSED', 'connect')), refused, false],
  [new AggregateError([failed('ECONNREFUSED', 'connect'), failed('ENETUNREACH', 'connect')]), refused, false],
  [fetchFailed(failed('ENOTFOUND', 'getaddrinfo')), 'no machine of that name can be found (ENOTFOUND)', false],
  [failed('EHOSTUNREACH', 'connect'), 'the machine cannot be reached (EHOSTUNREACH)', false],
  [
    fetchFailed(failed('UND_ERR_CONNECT_TIMEOUT', '')),
    'the machine cannot be reached (UND_ERR_CONNECT_TIMEOUT)',
    false,
  ],
  [failed('EPROTO'), 'it does not speak TLS there (does the address begin with http:// or ws://?)', false],
  [failed('DEPTH_ZERO_SELF_SIGNED_CERT'), 'its certificate is not accepted (DEPTH_ZERO_SELF_SIGNED_CERT)', false],
  [
    failed('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    'its certificate is not accepted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
    false,
  ],
  [failed('HPE_INVALID_CONSTANT'), 'what answers there does not speak HTTP', true],
  [failed('ECONNRESET', 'read'), 'the connection broke before the answer', true],
  [new TypeError('Failed to fetch'), 'the connection broke before the answer', true],
])('%o: %s', (cause, reason, outcomeUnknown) => {
  expect(connectionFailed(cause)).toMatchObject({ message: reason, outcomeUnknown })
})

test.each([
  ['https://b.example/rpc', 'https://b.example'],
  ['https://b.example/chat/rpc?x=1#y', 'https://b.example/chat'],
  ['//b.example:1/rpc', 'http://b.example:1'],
  ['/chat/rpc', 'http://a.example/chat'],
  ['https://user:secret@b.example/login?next=/rpc', 'https://b.example/login'],
  ['javascript:alert(1)', undefined],
  ['http://', undefined],
  ['', undefined],
  [null, undefined],
])('a redirect to %j leads to %s', (location, target) => {
  expect(redirectTarget(location, 'http://a.example/rpc', '/rpc')).toBe(target)
})

test.each([
  [
    httpFailure(308, null, { redirectTo: 'https://b' }),
    'The server at http://a redirects to https://b: use that address instead.',
  ],
  [httpFailure(403, null, { refusal: 'Not by that name.' }), 'The server at http://a refuses: Not by that name.'],
  [
    httpFailure(404, null),
    'The server at http://a is not a midsentence server: it answered 404. Is it mounted under another path?',
  ],
  [httpFailure(502, null), 'The server at http://a cannot accept you now (it answered 502).'],
  [
    noAnswerWithin(15_000),
    'The server at http://a does not answer: no answer came within 15 seconds. It may be overloaded,',
  ],
  [
    connectionFailed(failed('ECONNREFUSED', 'connect')),
    `No midsentence server answers at http://a: ${refused}. Start one there`,
  ],
])('%o reads: %s', (error, sentence) => {
  expect(transportErrors.connectFailed('http://a', error).message).toContain(sentence)
})
