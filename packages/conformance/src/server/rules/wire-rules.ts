import fc from 'fast-check'
import { must, same } from '../../kit/assertions.ts'
import { type Response, within } from '../caller.ts'
import { type Scene, type ServerRule, serverProperty, serverRule } from '../server-rule.ts'

const codeOf = (response: Response | undefined) => response?.error?.code

async function toTheLetter({ join }: Scene): Promise<void> {
  const ada = await join('Ada')
  const ids = [1, 0, -7, 1.5, 'one', '', null]
  for (const id of ids) {
    const [response] = await ada.send({ jsonrpc: '2.0', id, method: 'preview', params: {} })
    same([response?.id, response?.jsonrpc], [id, '2.0'], 'a call was answered by another id')
    must(response?.result !== undefined && response.error === undefined, 'a call has no result', response)
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
    same([codeOf(response), response?.id, others], [code, id, []], `this was answered otherwise: ${text}`)
    must((response!.error!.message ?? '').length > 10, 'an error says nothing', response)
  }
  const mixed = await ada.send(
    '[1, {"foo": "bar"}, {"jsonrpc":"2.0","method":"reset"}, {"jsonrpc":"2.0","method":"undo","id":"9"}]',
  )
  same(
    mixed.map(codeOf).filter(code => code !== undefined),
    [-32600, -32600],
    'a batch of all kinds was answered otherwise',
  )
  same(mixed.filter(({ id }) => id === '9').length, 1, 'a call among others was not answered')
  same(await ada.send('[{"jsonrpc":"2.0","method":"reset"}]'), [], 'notifications alone were answered')
  const many = Array.from({ length: 51 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'undo' }))
  same((await ada.send(many)).map(codeOf), [-32600], 'more than fifty calls were taken at once')
}

async function inABatch({ bench, join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await ada.call('append', { text: 'old' })
  await ben.say('news')
  const [check, push] = await ada.batch(['check'], ['push'])
  same(check!.result?.messages.length, 1, 'a check in a batch gave not what was there')
  must(push!.result?.held === true, 'a batch knew more than its caller: check and push in one is a force flag', push)
  const [first, second, third] = await ada.batch(['append', { text: ' and' }], ['append', { text: ' new' }], ['undo'])
  same(
    [first, second, third].map(one => one!.result?.suffix),
    ['old and', 'old and new', 'old and'],
    'a batch had its effects in another order',
  )
  const batch = ada.batch(['check', { timeout_ms: 60_000 }], ['preview'])
  const started = await within(bench, batch, 'a batch with a check in it')
  same(
    started.map(one => one.result?.status),
    [0, 1],
    'a check waited inside a batch',
  )
  must((await ada.call('push')).status === 1, 'what was read before was held')
}

async function notified({ bench, join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await ben.say('news')
  await ada.notify('append', { text: 'quiet' })
  await ada.notify('check')
  await ada.notify('push')
  await ada.notify('nothing of the kind')
  await ada.notify('append', { text: 7 })
  const { draft, messages } = await ada.call('preview')
  same(
    [draft, messages.map(({ content }) => content)],
    ['quiet', ['news']],
    'a notification gave, lost or sent something',
  )
  await ada.notify('push')
  const heard = await within(bench, ben.call('check', { timeout_ms: 20_000 }), 'a check over which something was said')
  same(
    heard.messages.map(({ content }) => content),
    ['quiet'],
    'a notification did not act',
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

/** No input, however wrong, changes anything without an answer that says so. */
async function nothingInSilence({ join }: Scene, texts: readonly string[]): Promise<void> {
  const ada = await join('Ada')
  await ada.call('append', { text: 'as it was' })
  for (const text of texts) {
    const responses = await ada.send(text)
    for (const response of responses) {
      must(response.jsonrpc === '2.0' && 'id' in response, 'an answer is not JSON-RPC', response)
      must('result' in response !== 'error' in response, 'an answer is both or neither', response)
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

/** What JSON-RPC asks, and what we add. */
export const wireRules: readonly ServerRule[] = [
  serverRule('W1', [], toTheLetter),
  serverRule('W2', [], inABatch),
  serverRule('W3', [], notified),
  serverProperty('W4', fc.array(strange, { minLength: 1, maxLength: 8 }), nothingInSilence),
]
