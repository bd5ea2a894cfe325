import { openRpc } from '@midsentence/core/wire'
import { anyCharacters } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { hostileTexts } from '../hostile-texts.ts'

/** A bad request, by its parts or as raw bytes. */
export type BadRequest =
  | {
      readonly kind: 'http'
      readonly method: string
      readonly path: string
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }
  | { readonly kind: 'raw'; readonly bytes: string }

const paths = [
  '/rpc',
  '/rpc?token=x',
  '/rooms/lobby/events',
  '/rooms/lobby/events?after=-1',
  '/rooms/%2e%2e/events',
  '/rooms/%ff/events',
  '/rooms//events',
  '/register',
  '/unregister',
  '/send',
  '/events?username=%00',
  '/admin',
  '/metrics',
  '/healthz',
  '/readyz',
  '/ws',
  '/',
  '//',
  '/__proto__',
  '/../../etc/passwd',
  '*',
]

const odd = fc.oneof(
  fc.constantFrom(...hostileTexts),
  anyCharacters({ maxLength: 20 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', '', 'x'.repeat(5000), '1e999', '-0'),
)

const value = fc.oneof(
  odd,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, true, -1, 1e300, 2 ** 53, 0.5, [], {}, [[[[]]]]),
)

/** Each method with the names of its parameters. */
const methods = openRpc().methods.map(({ name, params }) => ({ name, params: params.map(({ name }) => name) }))

const params = (names: readonly string[]) =>
  fc.oneof(
    fc.dictionary(fc.oneof(fc.constantFrom(...names, 'x'), odd), value, { maxKeys: 5 }),
    fc.array(value, { maxLength: 3 }),
    value,
  )

const call = fc.constantFrom(...methods).chain(({ name, params: names }) =>
  fc.record(
    {
      jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0' as unknown) }, { weight: 1, arbitrary: value }),
      // Always an id, since a notification gets no response.
      id: fc.oneof(fc.nat(), odd, fc.constant(null)),
      method: fc.oneof({ weight: 9, arbitrary: fc.constant(name as unknown) }, { weight: 1, arbitrary: value }),
      params: params(names),
    },
    { requiredKeys: ['jsonrpc', 'id', 'method'] },
  ),
)

const text = fc.oneof(
  { weight: 5, arbitrary: call.map(request => JSON.stringify(request)) },
  { weight: 1, arbitrary: fc.array(fc.oneof(call, value), { maxLength: 60 }).map(batch => JSON.stringify(batch)) },
  { weight: 1, arbitrary: fc.tuple(call, fc.nat(400)).map(([request, end]) => JSON.stringify(request).slice(0, end)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('[', '{"a":'), fc.nat(5000)).map(([open, depth]) => open.repeat(depth)),
  },
  { weight: 1, arbitrary: odd },
)

const headerText = fc.string({ unit: fc.constantFrom(...'abcXYZ019 ;=,/*"\t-'), maxLength: 30 })
const headers = fc.record(
  {
    'content-type': fc.oneof(
      { weight: 6, arbitrary: fc.constant('application/json') },
      { weight: 1, arbitrary: headerText },
    ),
    'content-encoding': fc.constantFrom('gzip', 'identity', 'br', ''),
    'last-event-id': fc.oneof(headerText, fc.constantFrom('-1', '99999999999999999999', '1.5', 'NaN')),
    authorization: fc.oneof(
      headerText,
      fc.constantFrom('Bearer', 'Bearer x', `Bearer ${'x'.repeat(3000)}`, 'Basic eDp5'),
    ),
    origin: fc.constantFrom('null', 'https://evil.example', 'http://localhost', '', 'file://'),
    accept: headerText,
  },
  { requiredKeys: [] },
)

const http: fc.Arbitrary<BadRequest> = fc.record({
  kind: fc.constant('http' as const),
  method: fc.oneof(
    { weight: 6, arbitrary: fc.constant('POST') },
    { weight: 2, arbitrary: fc.constantFrom('GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH') },
  ),
  path: fc.oneof({ weight: 4, arbitrary: fc.constant('/rpc') }, { weight: 3, arbitrary: fc.constantFrom(...paths) }),
  headers: headers as fc.Arbitrary<Record<string, string>>,
  body: text,
})

const rawLine = fc.constantFrom(
  'GET / HTTP/1.1\r\n',
  'POST /rpc HTTP/1.1\r\n',
  'POST /rpc HTTP/1.0\r\n',
  'GET /rooms/lobby/events HTTP/9.9\r\n',
  'get / http/1.1\r\n',
  'POST http://localhost/rpc HTTP/1.1\r\n',
  'host: localhost\r\n',
  'host: localhost\r\nhost: localhost\r\n',
  'content-length: 5\r\n',
  'content-length: -1\r\n',
  'content-length: 5\r\ntransfer-encoding: chunked\r\n',
  'transfer-encoding: chunked\r\n',
  'transfer-encoding: chunked, identity\r\n',
  'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\n',
  'expect: 100-continue\r\n',
  'expect: 200-maybe\r\n',
  'x: \u0001\r\n',
  ' folded\r\n',
  '\r\n',
  'ffffffffffffffff\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
  '{"jsonrpc":"2.0"}',
  '\u0016\u0003\u0001',
  '\n\n',
)

const raw: fc.Arbitrary<BadRequest> = fc.record({
  kind: fc.constant('raw' as const),
  bytes: fc.oneof(
    fc
      .array(fc.oneof({ weight: 5, arbitrary: rawLine }, { weight: 1, arbitrary: anyCharacters({ maxLength: 40 }) }), {
        maxLength: 8,
      })
      .map(lines => lines.join('')),
    anyCharacters({ maxLength: 200 }),
  ),
})

/** Generates bad requests. Most are structured, so that they reach the code after the parsers. */
export const badRequests = fc.oneof({ weight: 20, arbitrary: http }, { weight: 1, arbitrary: raw })
