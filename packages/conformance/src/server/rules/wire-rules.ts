import fc from 'fast-check'
import { must, same } from '../../kit/assertions.ts'
import { type RpcResponse, within } from '../caller.ts'
import { type ServerRule, type ServerScenario, serverProperty, serverRule } from '../server-rule.ts'

const codeOf = (response: RpcResponse | undefined) => response?.error?.code

async function followsJsonRpc({ join }: ServerScenario): Promise<void> {
  const ada = await join('Ada')
  const ids = [1, 0, -7, 1.5, 'one', '', null]
  for (const id of ids) {
    const [response] = await ada.send({ jsonrpc: '2.0', id, method: 'preview', params: {} })
    same([response?.id, response?.jsonrpc], [id, '2.0'], 'a response has another id than its call')
    must(response?.result !== undefined && response.error === undefined, 'a response has no result', response)
  }
  for (const [text, code, id] of [
    ['{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', -32700, null],
    ['[{"jsonrpc": "2.0", "method": "sum", "id": "1"}, {"jsonrpc": "2.0", "method"', -32700, null],
    ['{"jsonrpc": "2.0", "method": 1, "params": "bar"}', -32600, null],
    ['[]', -32600, null],
    ['{"jsonrpc": "1.0", "method": "preview", "id": 1}', -32600, 1],
    ['{"jsonrpc": "2.0", "method": "nothing of the kind", "id": "1"}', -32601, '1'],
    ['{"jsonrpc": "2.0", "method": "append", "params": ["x"], "id": 2}', -32602, 2],
    ['{"jsonrpc": "2.0", "method": "append", "params": {}, "id": 3}', -32602, 3],
    ['{"jsonrpc": "2.0", "method": "append", "params": {"text": 7}, "id": 4}', -32602, 4],
  ] as const) {
    const [response, ...others] = await ada.send(text)
    same([codeOf(response), response?.id, others], [code, id, []], `this text has another response: ${text}`)
    must((response!.error!.message ?? '').length > 10, 'an error has no message', response)
  }
  const mixed = await ada.send(
    '[1, {"foo": "bar"}, {"jsonrpc":"2.0","method":"reset"}, {"jsonrpc":"2.0","method":"undo","id":"9"}]',
  )
  same(
    mixed.map(codeOf).filter(code => code !== undefined),
    [-32600, -32600],
    'a batch with invalid calls has other responses',
  )
  same(mixed.filter(({ id }) => id === '9').length, 1, 'a call was not answered')
  same(await ada.send('[{"jsonrpc":"2.0","method":"reset"}]'), [], 'a batch of notifications has a response')
  const many = Array.from({ length: 51 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'undo' }))
  same((await ada.send(many)).map(codeOf), [-32600], 'a batch of more than fifty calls was accepted')
}

async function runsBatches({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await ada.call('append', { text: 'old' })
  await ben.sendMessage('news')
  const [check, push] = await ada.batch(['check'], ['push'])
  same(check!.result?.messages.length, 1, 'a check in a batch did not return the message')
  must(
    push!.result?.held === true,
    'a push in a batch was judged by a cursor from the same batch, which bypasses holds',
    push,
  )
  const [first, second, third] = await ada.batch(['append', { text: ' and' }], ['append', { text: ' new' }], ['undo'])
  same(
    [first, second, third].map(one => one!.result?.suffix),
    ['old and', 'old and new', 'old and'],
    'calls of a batch took effect out of order',
  )
  const batch = ada.batch(['check', { timeout_ms: 60_000 }], ['preview'])
  const started = await within(harness, batch, 'a batch with a check in it')
  same(
    started.map(one => one.result?.status),
    [0, 1],
    'a check waited inside a batch',
  )
  must((await ada.call('push')).status === 1, 'a push after reading everything was held')
}

async function runsNotifications({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await ben.sendMessage('news')
  await ada.notify('append', { text: 'quiet' })
  await ada.notify('check')
  await ada.notify('push')
  await ada.notify('nothing of the kind')
  await ada.notify('append', { text: 7 })
  const { draft, messages } = await ada.call('preview')
  same(
    [draft, messages.map(({ content }) => content)],
    ['quiet', ['news']],
    'a notification moved a cursor, lost its text, or sent a held draft',
  )
  await ada.notify('push')
  const heard = await within(harness, ben.call('check', { timeout_ms: 20_000 }), 'a check that a message wakes')
  same(
    heard.messages.map(({ content }) => content),
    ['quiet'],
    'a notification had no effect',
  )
}

const strange = fc.oneof(
  { weight: 3, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.string() },
  {
    weight: 4,
    arbitrary: fc
      .record(
        {
          jsonrpc: fc.constantFrom('2.0', '2', 2),
          method: fc.constantFrom('append', 'undo', 'push', 'publish', 'preview', 'join', 'no', '__proto__', 7),
          params: fc.oneof(
            fc.constant([]),
            fc.dictionary(fc.constantFrom('text', 'after', 'key', 'content', 'base', 'meta', 'x'), fc.jsonValue()),
          ),
          id: fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.constant({}), fc.constant([1])),
        },
        { requiredKeys: ['method'] },
      )
      .map(request => JSON.stringify(request)),
  },
)

/** Checks that invalid input changes nothing, and that each error is a valid response. */
async function answersEveryError({ join }: ServerScenario, texts: readonly string[]): Promise<void> {
  const ada = await join('Ada')
  await ada.call('append', { text: 'as it was' })
  for (const text of texts) {
    const responses = await ada.send(text)
    for (const response of responses) {
      must(response.jsonrpc === '2.0' && 'id' in response, 'a response is not JSON-RPC', response)
      must('result' in response !== 'error' in response, 'a response has both result and error, or neither', response)
    }
    const refusedAll = responses.length > 0 && responses.every(({ error }) => error !== undefined)
    const { draft } = await ada.call('preview')
    if (refusedAll && !text.trim().startsWith('[')) same(draft, 'as it was', `an error changed the draft: ${text}`)
    if (draft !== 'as it was') {
      await ada.call('reset')
      await ada.call('append', { text: 'as it was' })
    }
  }
}

/** Rules of JSON-RPC. */
export const wireRules: readonly ServerRule[] = [
  serverRule('W1', [], followsJsonRpc),
  serverRule('W2', [], runsBatches),
  serverRule('W3', [], runsNotifications),
  serverProperty('W4', fc.array(strange, { minLength: 1, maxLength: 8 }), answersEveryError),
]
