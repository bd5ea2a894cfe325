import type { Exchange } from '@midsentence/testing/agent/fake-endpoint'
import { expect, onTestFinished, test } from 'vitest'
import { setUp, streamAnswer } from './conversation.ts'

test('a model that streams over HTTP sends its message, with its API key', async () => {
  let key: string | undefined
  const { say, until, said } = await setUp(exchange => {
    key = exchange.headers.authorization
    streamAnswer(exchange, 'I am', ' fine. And', ' you?')
  })
  await say('How are you?')
  await until('sent')
  expect([said(), key]).toEqual([['I am fine. And you?'], 'Bearer k'])
})

test.each([
  ['retry-after', '0'],
  ['retry-after', 'Thu, 01 Jan 2026 00:00:00 GMT'],
  ['retry-after', '-5'],
  ['retry-after-ms', '1'],
])('an endpoint that asks for a pause by %s: %s is given a second', async (header, value) => {
  const { say, until } = await setUp(exchange => {
    if (exchange.call > 1) return streamAnswer(exchange, 'I am fine.')
    return exchange.res.writeHead(429, { [header]: value, 'content-type': 'application/json' }).end('{"error":{}}')
  })
  await say('How are you?')
  const { retry_ms } = await until('trouble')
  // Jittered, and never shorter than the endpoint asks for.
  expect(retry_ms).toBeGreaterThanOrEqual(1000)
  expect(retry_ms).toBeLessThanOrEqual(1250)
  await until('sent')
})

test('reasoning that an endpoint streams in its text, or beside it, is not sent', async () => {
  const { say, until, said } = await setUp(({ open, bit, finish, res }) => {
    open()
    const delta = { reasoning_content: 'They ask how I am.' }
    res.write(
      `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', created: 1, model: 'llama', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`,
    )
    for (const text of ['<th', 'ink>Say something ki', 'nd.</thi', 'nk>\n', '\nI am', ' fine.']) bit(text)
    finish()
  })
  await say('How are you?')
  await until('sent')
  expect(said()).toEqual(['I am fine.'])
})

test.each([
  ['reports no usage: the estimate has the reasoning', undefined, { output: 103, estimated: true }],
  ['reports only its input', { prompt_tokens: 40 }, { input: 40, estimated: true }],
  [
    'reports reasoning apart from its output',
    { prompt_tokens: 40, completion_tokens: 3, completion_tokens_details: { reasoning_tokens: 100 } },
    { input: 40, output: 103, estimated: false },
  ],
  [
    'reports reasoning as output',
    { prompt_tokens: 40, completion_tokens: 103, completion_tokens_details: { reasoning_tokens: 100 } },
    { input: 40, output: 103, estimated: false },
  ],
])('a budget counts the reasoning of an endpoint that %s', async (_how, usage, spent) => {
  const { say, until, ended, stop } = await setUp(({ open, bit, res }) => {
    open()
    const event = (choices: readonly object[], more = {}) =>
      res.write(
        `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', created: 1, model: 'llama', choices, ...more })}\n\n`,
      )
    event([{ index: 0, delta: { reasoning_content: 'Hm, so. '.repeat(50) }, finish_reason: null }])
    bit('I am fine.')
    event([{ index: 0, delta: {}, finish_reason: 'stop' }], usage && { usage })
    res.end('data: [DONE]\n\n')
  })
  await say('How are you?')
  expect(await until('spent')).toMatchObject(spent)
  const { input, output, estimated } = await until('spent')
  await until('sent')
  stop()
  expect(await ended).toMatchObject({ tokens: input + output, estimated })
})

test('an interruption closes the connection to the endpoint at once, and later text is discarded', async () => {
  let late = 0
  const { say, until, said, endpoint } = await setUp(exchange => {
    const { call, open, bit, res } = exchange
    if (call > 1) return streamAnswer(exchange, '1\n', 'But you are right.')
    open()
    bit('This is my first sentence. And this')
    // The endpoint ignores the closed connection.
    const timer = setInterval(() => {
      if (res.destroyed) late++
      bit(' goes on')
    }, 1)
    onTestFinished(() => clearInterval(timer))
  })
  await say('What do you think?')
  await until('wrote')
  await say('Wait, stop!')
  await endpoint.closed(1)
  await until('sent')
  expect(said()).toEqual(['This is my first sentence. But you are right.'])
  await expect.poll(() => late).toBeGreaterThan(3)
  expect(said()).toHaveLength(1)
})

const broken: readonly (readonly [string, (exchange: Exchange) => unknown, RegExp])[] = [
  ['sends nothing', ({ open }) => open(), /^The model llama has sent nothing for 3 seconds\.$/],
  [
    'stops between tokens',
    ({ open, bit }) => {
      open()
      bit('This is my first sentence. And this is')
    },
    /^The model llama has sent nothing for 2 seconds\.$/,
  ],
  [
    'breaks off',
    ({ open, bit, res }) => {
      open()
      bit('This is my first sentence. And this is')
      setTimeout(() => res.destroy(), 20)
    },
    /^The model llama stopped in the middle of its answer: /,
  ],
  [
    'fails in the middle, and says so',
    ({ open, bit, res }) => {
      open()
      bit('This is my first sentence. And this is')
      res.end('data: {"error":{"message":"The GPU is on fire","type":"server_error"}}\n\n')
    },
    /^The model llama stopped in the middle of its answer: The GPU is on fire\.$/,
  ],
  [
    'closes early',
    ({ open, bit, res }) => {
      open()
      bit('This is my first sentence. And this is')
      res.end()
    },
    /^The model llama closed the connection before its answer was complete\.$/,
  ],
  [
    'sends garbage',
    ({ open, res }) => {
      open()
      res.end('data: {not json\n\n')
    },
    /^The model llama sent an answer that cannot be parsed\.$/,
  ],
  [
    'asks to slow down',
    ({ res }) =>
      res
        .writeHead(429, { 'retry-after': '2', 'content-type': 'application/json' })
        .end('{"error":{"message":"Too many requests"}}'),
    /^The model llama asks to slow down for 2 seconds \(429\): Too many requests\.$/,
  ],
  [
    'ends an answer at its limit of tokens',
    ({ open, bit, finish }) => {
      open()
      bit('This is my first sentence. And this is')
      finish('length')
    },
    /^The model llama has used up the tokens of an answer in the middle of its message\.$/,
  ],
  [
    'has an internal error',
    ({ res }) => res.writeHead(503, { 'content-type': 'text/plain' }).end('overloaded'),
    /^The model llama has an internal error \(503\): /,
  ],
]

test.each(broken)(
  'an endpoint that %s is reported in a sentence and retried, with the draft kept',
  async (_how, fail, sentence) => {
    const asked: string[] = []
    const { say, until, said, troubles, endpoint, events } = await setUp(
      exchange => {
        asked.push(exchange.last)
        if (exchange.call === 1) return fail(exchange)
        return streamAnswer(
          exchange,
          ...(/In the first line/.test(exchange.last) ? ['1\n'] : ['This is my first sentence. ']),
          'And my last.',
        )
      },
      { first_token_ms: 3000, stall_ms: 2000 },
    )
    await say('What do you think?')
    await until('sent')
    expect(said()).toEqual(['This is my first sentence. And my last.'])
    expect(troubles()).toHaveLength(1)
    expect(troubles()[0]).toMatch(sentence)
    expect(endpoint.calls).toBe(2)
    const wrote = events.findIndex(event => event.type === 'wrote')
    const trouble = events.findIndex(event => event.type === 'trouble')
    // The retry shows the written parts instead of writing them again.
    if (wrote < trouble)
      expect(asked[1]).toMatch(/The writing of your message broke off\.[\s\S]*\n1: This is my first sentence\.\n/)
  },
)

test.each<readonly [number, RegExp]>([
  [401, /^The model llama refuses the API key \(401\): No such key\.$/],
  [
    404,
    /^The model llama was not found \(404\): check the model name and the address of the endpoint\. No such key\.$/,
  ],
  [400, /^The model llama refuses the request \(400\): No such key\.$/],
])('a permanent error ends the conversation: %i', async (status, sentence) => {
  const { say, ended, endpoint } = await setUp(({ res }) =>
    res.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{"message":"No such key"}}'),
  )
  await say('Hello?')
  const { reason, sentence: told } = await ended
  expect([reason, endpoint.calls]).toEqual(['failed', 1])
  expect(told).toMatch(sentence)
})

test('an unreachable endpoint is reported at every retry, and three failed turns end the conversation', async () => {
  const { ended, troubles, say, until } = await setUp(() => {}, { retries: 1 }, { url: 'http://127.0.0.1:9/v1' })
  for (let turn = 1; turn <= 3; turn++) {
    await say(`Hello, try ${turn}?`)
    await expect.poll(() => troubles().length).toBe(turn * 2)
  }
  await until('left')
  expect(await ended).toMatchObject({ reason: 'failed' })
  expect(troubles()[0]).toMatch(/^The model llama cannot be reached: /)
})
