import { expect, test } from 'vitest'
import { PreparedText, type RpcContext, type RpcMethod } from './json-rpc.ts'
import type { RpcParams } from './requests.ts'

const free: RpcContext = { charge: () => {} }

/** The methods of the specification's examples, which take their params by name or by position. */
function examples() {
  const made: string[] = []
  const numbers = (params: RpcParams, ...names: string[]) =>
    (Array.isArray(params) ? params : names.map(name => (params as Record<string, unknown>)[name])) as number[]
  const method = (name: string, run: (params: RpcParams) => unknown): [string, RpcMethod<RpcContext>] => [
    name,
    {
      read: params => () => {
        made.push(name)
        return run(params)
      },
    },
  ]
  const methods = new Map([
    method('subtract', params => {
      const [minuend, subtrahend] = numbers(params, 'minuend', 'subtrahend')
      return minuend! - subtrahend!
    }),
    method('sum', params => numbers(params).reduce((sum, each) => sum + each, 0)),
    method('get_data', () => ['hello', 5]),
    method('update', () => {}),
    method('notify_sum', () => {}),
    method('notify_hello', () => {
      throw new Error('No such method.')
    }),
    method('nothing', () => undefined),
    method('endless', () => {
      const ring: { ring?: unknown } = {}
      ring.ring = ring
      return ring
    }),
  ])
  const ask = async (text: string) => {
    const answer = await new PreparedText(text, { methods }).run(free)
    return answer === undefined ? undefined : JSON.parse(answer)
  }
  return { ask, made }
}

const result = (value: unknown, id: unknown) => ({ jsonrpc: '2.0', result: value, id })
const error = (code: number, id: unknown = null) => ({
  jsonrpc: '2.0',
  error: { code, message: expect.stringMatching(/^[A-Z].*\.$/) },
  id,
})

// The examples of section 7 of the specification, unchanged except for error messages.
test.each([
  ['by position', '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}', result(19, 1)],
  ['by position', '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}', result(-19, 2)],
  [
    'by name',
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
    result(19, 3),
  ],
  [
    'by name',
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
    result(19, 4),
  ],
  ['a notification', '{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', undefined],
  ['a notification of no method', '{"jsonrpc": "2.0", "method": "foobar"}', undefined],
  ['no such method', '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}', error(-32601, '1')],
  ['invalid JSON', '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', error(-32700)],
  ['an invalid request', '{"jsonrpc": "2.0", "method": 1, "params": "bar"}', error(-32600)],
  [
    'a batch of invalid JSON',
    `[
      {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
      {"jsonrpc": "2.0", "method"
    ]`,
    error(-32700),
  ],
  ['an empty batch', '[]', error(-32600)],
  ['an invalid batch', '[1]', [error(-32600)]],
  ['an invalid batch', '[1,2,3]', [error(-32600), error(-32600), error(-32600)]],
  [
    'a batch',
    `[
      {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
      {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
      {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
      {"foo": "boo"},
      {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
      {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
    ]`,
    [result(7, '1'), result(19, '2'), error(-32600), error(-32601, '5'), result(['hello', 5], '9')],
  ],
  [
    'a batch of notifications',
    `[
      {"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
      {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}
    ]`,
    undefined,
  ],
])('example of the specification, %s: %s', async (_, text, answer) => {
  expect(await examples().ask(text)).toEqual(answer)
})

test('the calls of a batch run in order, with its notifications', async () => {
  const { ask, made } = examples()
  const call = (method: string, id?: number) => ({ jsonrpc: '2.0', method, params: [1, 2], id })
  await ask(
    JSON.stringify([call('sum', 1), call('update'), call('nope', 2), call('subtract', 3), call('notify_hello')]),
  )
  expect(made).toEqual(['sum', 'update', 'subtract', 'notify_hello'])
})

test.each([
  '1',
  '"1"',
  '""',
  'null',
  '0',
  '-7',
  '1.5',
  '"\\ud83d"',
  '"__proto__"',
  '12345678901234567890123',
  '0.1000000000000000055511151231257827',
  '1e400',
  '-2.5E-3',
])('the id %s comes back as it was', async id => {
  const service = { methods: new Map([['a', { read: () => () => 1 }]]) }
  const text = `{"jsonrpc":"2.0", "method":"a", "id" : ${id} }`
  expect(await new PreparedText(text, service).run(free)).toBe(`{"jsonrpc":"2.0","result":1,"id":${id}}`)
  expect(await new PreparedText(`[${text}]`, service).run(free)).toBe(`[{"jsonrpc":"2.0","result":1,"id":${id}}]`)
})

test.each(['true', 'false', '{}', '[]', '[1]'])('%s is refused as an id', async id => {
  const { ask, made } = examples()
  expect(await ask(`{"jsonrpc":"2.0","method":"get_data","id":${id}}`)).toEqual(error(-32600))
  expect(made).toEqual([])
})

test.each([
  ['"jsonrpc":"1.0","method":"get_data"', 'A request must say "jsonrpc": "2.0", but it is "1.0".'],
  ['"jsonrpc":2.0,"method":"get_data"', 'A request must say "jsonrpc": "2.0", but it is the number 2.'],
  ['"method":"get_data"', 'A request must say "jsonrpc": "2.0", but it is missing.'],
  ['"jsonrpc":"2.0"', 'The "method" of a request must be a string, but it is missing.'],
  ['"jsonrpc":"2.0","method":null', 'The "method" of a request must be a string, but it is null.'],
  [
    '"jsonrpc":"2.0","method":"sum","params":7',
    'The "params" of a request must be an object or left out, but it is the number 7.',
  ],
  [
    '"jsonrpc":"2.0","method":"sum","params":null',
    'The "params" of a request must be an object or left out, but it is null.',
  ],
])('{%s} is no request, and its id is read all the same', async (members, message) => {
  const { ask } = examples()
  expect(await ask(`{${members},"id":"a"}`)).toEqual({ ...error(-32600, 'a'), error: { code: -32600, message } })
  expect(await ask(`{${members}}`)).toMatchObject({ error: { code: -32600 }, id: null })
})

test.each(['', ' ', '\ufeff{}', 'undefined', '{"a":1,}', "{'a':1}", '{"a":NaN}', '[,]'])(
  '%j is refused as JSON',
  async text => {
    expect(await examples().ask(text)).toEqual(error(-32700))
  },
)

test.each(['null', 'true', '7', '"x"', '{}'])('%s is refused as a request', async text => {
  expect(await examples().ask(text)).toEqual(error(-32600))
})

test('a batch of more than fifty requests is refused as a whole', async () => {
  const { ask, made } = examples()
  const batch = (length: number) => JSON.stringify(Array(length).fill({ jsonrpc: '2.0', method: 'get_data', id: 1 }))
  expect(await ask(batch(50))).toHaveLength(50)
  expect(made).toHaveLength(50)
  expect(await ask(batch(51))).toEqual({
    jsonrpc: '2.0',
    error: {
      code: -32600,
      message: 'A batch has at most 50 requests, but this one has 51. None was run: send it in parts.',
    },
    id: null,
  })
  expect(made).toHaveLength(50)
})

test('names of Object.prototype are unknown methods', async () => {
  const { ask } = examples()
  for (const method of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'rpc.nothing']) {
    expect(await ask(JSON.stringify({ jsonrpc: '2.0', method, id: 1 }))).toEqual(error(-32601, 1))
  }
  expect(await ask('{"__proto__": {"jsonrpc": "2.0", "method": "sum", "id": 4}}')).toEqual(error(-32600))
})

test('an unknown method is answered with the list of methods', async () => {
  const { ask } = examples()
  const { error } = await ask('{"jsonrpc":"2.0","method":"Sum\\u202e\\n","id":1}')
  expect(error.message).toBe(
    'There is no method "Sum\\u{202e}\\n". The methods are: subtract, sum, get_data, update, notify_sum, notify_hello, nothing, endless.',
  )
})

test('a result without a JSON form becomes null or an internal error', async () => {
  const { ask } = examples()
  expect(await ask('{"jsonrpc":"2.0","method":"nothing","id":1}')).toEqual(result(null, 1))
  expect(await ask('{"jsonrpc":"2.0","method":"endless","id":1}')).toEqual(error(-32603, 1))
})

test('the last of two equal members counts', async () => {
  const { ask } = examples()
  const text = '{"jsonrpc":"2.0","method":"nope","method":"sum","params":[9],"params":[1,2],"id":1e400,"id":8.5}'
  expect(await ask(text)).toEqual(result(3, 8.5))
})

test('JSON of any depth gets a response', async () => {
  const { ask } = examples()
  for (const depth of [10_000, 200_000]) {
    const deep = '['.repeat(depth) + ']'.repeat(depth)
    expect(await ask(`{"jsonrpc":"2.0","method":"get_data","params":{"deep":${deep}},"id":1}`)).toSatisfy(
      answer => answer.result !== undefined || [-32600, -32602].includes(answer.error.code),
    )
    expect(await ask(deep)).toBeDefined()
    expect(await ask('['.repeat(depth))).toMatchObject({ error: {} })
  }
})
