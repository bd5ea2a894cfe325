import { createOpenAICompatible } from '@ai-sdk/openai-compatible-3'
import { converse } from '@midsentence/agent'
import { join } from '@midsentence/core'
import { type Exchange, fakeEndpoint } from '@midsentence/testing/agent/fake-endpoint'
import { mockRoom } from '@midsentence/transport-mock'
import { generateText, stepCountIs, type ToolSet } from 'ai-7'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { loadSdk7, type Sdk, sdk6, setUp, streamAnswer } from './conversation.ts'

const json =
  (status: number, body: unknown) =>
  ({ res }: Exchange) =>
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const page =
  (status: number, body: string) =>
  ({ res }: Exchange) =>
    res.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(body)

const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`

const stream =
  (...parts: string[]) =>
  ({ open, res }: Exchange) => {
    open()
    res.end(parts.join(''))
  }

/** What an endpoint sends first, how the loop names it, and what it does then. After a retry the endpoint is in order. */
const rows: readonly (readonly [string, (exchange: Exchange) => unknown, string, 'retries' | 'gives up' | 'ends'])[] = [
  [
    'content_filter',
    stream(chunk({ content: 'I would' }), chunk({}, 'content_filter'), 'data: [DONE]\n\n'),
    'The model llama was stopped by the content filter of its endpoint: change its persona, or choose another model.',
    'gives up',
  ],
  [
    'tool_calls alone',
    stream(
      chunk({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'search', arguments: '{}' } }] }),
      chunk({}, 'tool_calls'),
      'data: [DONE]\n\n',
    ),
    'The model llama called the tool "search" and wrote nothing: it has no tools here, so check its persona and its chat template.',
    'gives up',
  ],
  [
    'nothing at all',
    stream(),
    'The model llama ended its answer without a word: look at the log of its endpoint, URL/chat/completions.',
    'retries',
  ],
  [
    '[DONE] alone',
    stream(': comment\n\ndata: [DONE]\n\n'),
    'The model llama ended its answer without a word: look at the log of its endpoint, URL/chat/completions.',
    'retries',
  ],
  [
    'a web page',
    page(200, '<!doctype html><title>Welcome to nginx!</title><p>If you see this page…'),
    'The model llama answers with a web page: check the address of the endpoint, which often ends in /v1. The page says: Welcome to nginx!',
    'ends',
  ],
  [
    'a completion that is no stream',
    json(200, {
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'I am fine' }, finish_reason: 'stop' }],
    }),
    'The model llama answers in one piece and not as a stream: check that its endpoint supports "stream": true. Its answer: I am fine.',
    'ends',
  ],
  [
    'other JSON',
    json(200, { status: 'ok' }),
    'The model llama answers with JSON that is no completion: check the address of the endpoint, which often ends in /v1. It says: {"status":"ok"}.',
    'ends',
  ],
  [
    'an error with status 200',
    json(200, { error: { message: 'Model is overloaded', type: 'server_error' } }),
    'The model llama reports an error: Model is overloaded.',
    'retries',
  ],
  [
    'an error of LM Studio with status 200',
    json(200, { error: 'Unexpected endpoint or method. (POST /chat/completions)' }),
    'The model llama reports an error: Unexpected endpoint or method. (POST /chat/completions).',
    'retries',
  ],
  [
    'an error with status 200 that names a status',
    json(200, { error: { code: 401, message: 'No auth credentials found' } }),
    'The model llama refuses the API key (401): No auth credentials found.',
    'ends',
  ],
  [
    'an error in its stream that names a status',
    stream(`data: ${JSON.stringify({ error: { code: 503, message: 'No provider is free', type: 'x' } })}\n\n`),
    'The model llama has an internal error (503): No provider is free.',
    'retries',
  ],
  [
    '404 for a model of Ollama',
    json(404, { error: { message: "model 'llama' not found", type: 'not_found_error', param: null, code: null } }),
    "The model llama was not found (404): check the model name and the address of the endpoint. model 'llama' not found.",
    'ends',
  ],
  [
    '404 for a model of vLLM',
    json(404, { object: 'error', message: 'The model `llama` does not exist.', type: 'NotFoundError', code: 404 }),
    'The model llama was not found (404): check the model name and the address of the endpoint. The model `llama` does not exist.',
    'ends',
  ],
  [
    '404 with a web page',
    page(404, '<html><head><title>404 Not Found</title></head></html>'),
    'The model llama was not found (404): check the model name and the address of the endpoint. 404 Not Found.',
    'ends',
  ],
  [
    '400 with the text of FastAPI',
    json(400, { detail: 'temperature must be non-negative' }),
    'The model llama refuses the request (400): temperature must be non-negative.',
    'ends',
  ],
  [
    '500 with plain text',
    ({ res }) => res.writeHead(500).end('CUDA out of memory'),
    'The model llama has an internal error (500): CUDA out of memory.',
    'retries',
  ],
]

let sdk7: Sdk
beforeAll(async () => {
  sdk7 = await loadSdk7()
})

describe.each([
  ['AI SDK 6', () => sdk6],
  ['AI SDK 7', () => sdk7],
])('with %s', (_name, sdkOf) => {
  test('a model talks, reasons apart from its text, and its tokens are counted', async () => {
    const { say, until, said, events } = await setUp(
      ({ open, res }) => {
        open()
        const usage = { prompt_tokens: 40, completion_tokens: 9, completion_tokens_details: { reasoning_tokens: 5 } }
        const last = JSON.stringify({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage })
        res.end(
          `${chunk({ reasoning_content: 'They ask.' })}${chunk({ content: 'I am ' })}${chunk({ content: 'fine.' })}data: ${last}\n\ndata: [DONE]\n\n`,
        )
      },
      {},
      { sdk: sdkOf() },
    )
    await say('How are you?')
    await until('sent')
    expect(said()).toEqual(['I am fine.'])
    expect(events.filter(({ type }) => type === 'thinking')).toHaveLength(1)
    expect(await until('spent')).toMatchObject({ input: 40, output: 9, estimated: false })
  })

  test.each(rows)('an endpoint that sends %s is reported in one sentence', async (_what, answer, sentence, then) => {
    const { say, until, ended, troubles, said, endpoint } = await setUp(
      exchange => (exchange.call === 1 ? answer(exchange) : streamAnswer(exchange, 'I am fine.')),
      {},
      { sdk: sdkOf() },
    )
    await say('How are you?')
    await until('trouble')
    if (then === 'ends') expect(await ended).toMatchObject({ reason: 'failed', sentence })
    else {
      if (then === 'gives up') await say('Are you there?')
      await until('sent')
      expect(said().join()).toMatch(/I am fine\.$/)
    }
    const named = sentence.replace('URL', endpoint.url)
    expect([troubles(), endpoint.calls]).toEqual([[named], then === 'ends' ? 1 : 2])
  })

  test('comments are a sign of life while the first token is awaited', async () => {
    const { say, until, said, troubles } = await setUp(
      exchange => {
        exchange.open()
        let left = 20
        // A comment may come in parts, and must not end up inside an event.
        const comments = setInterval(() => {
          exchange.res.write(left % 2 ? ': loading\n\n' : ': still load')
          if (left % 2 === 0) exchange.res.write('ing\n')
          if (left-- > 0) return
          clearInterval(comments)
          exchange.res.write('event: message\n: in an event\n')
          exchange.bit('I am fine.')
          exchange.finish()
        }, 50)
      },
      { first_token_ms: 400 },
      { sdk: sdkOf() },
    )
    await say('How are you?')
    await until('sent')
    expect([said(), troubles()]).toEqual([['I am fine.'], []])
  })

  test('an endpoint that sends nothing, and no comment, fails in time', async () => {
    const { until, troubles, ended, stop, events } = await setUp(
      ({ open, res }) => {
        open()
        res.write(': loading\n\n')
      },
      { begins: true, first_token_ms: 100, retries: 1 },
      { sdk: sdkOf() },
    )
    await until('trouble')
    await expect.poll(() => troubles()).toHaveLength(2)
    expect(new Set(troubles())).toEqual(new Set(['The model llama has sent nothing for 0 seconds.']))
    // It says that it waits, since no other message may come.
    expect(events.findLast(({ type }) => type === 'trouble')).toMatchObject({ waits: true })
    stop()
    await ended
  })

  test.each<readonly [string, (exchange: Exchange) => unknown]>([
    ['[DONE] without a finish reason', stream(chunk({ content: 'I am fine and' }), 'data: [DONE]\n\n')],
    [
      'stop without a closed connection',
      ({ open, res }) => {
        open()
        res.write(chunk({ content: 'I am fine and' }) + chunk({}, 'stop'))
      },
    ],
    [
      '[DONE] without a closed connection',
      ({ open, res }) => {
        open()
        res.write(`${chunk({ content: 'I am fine and' })}data: [DO`)
        setTimeout(() => res.write('NE]\n\n'), 5)
      },
    ],
    [
      'a stream under another content type',
      ({ res }) =>
        res
          .writeHead(200, { 'content-type': 'text/plain' })
          .end(`: comment\n\n${chunk({ content: 'I am fine and' })}${chunk({}, 'stop')}`),
    ],
  ])('an answer that ends by %s is complete', async (_how, answer) => {
    const { say, until, said, troubles } = await setUp(answer, {}, { sdk: sdkOf() })
    await say('How are you?')
    await until('sent')
    expect([said(), troubles()]).toEqual([['I am fine and'], []])
  })
})

test('the tools of a room work in AI SDK 7', async () => {
  const prompts: string[] = []
  const endpoint = await fakeEndpoint(({ call, last, res }) => {
    prompts.push(last)
    const tool = (id: string, name: string, args: object) => ({
      id,
      type: 'function',
      function: { name, arguments: JSON.stringify(args) },
    })
    const calls = [tool('1', 'append', { text: 'Hello.' }), tool('2', 'push', {})]
    const message =
      call === 1 ? { role: 'assistant', content: null, tool_calls: calls } : { role: 'assistant', content: 'Done.' }
    const body = { choices: [{ index: 0, message, finish_reason: call === 1 ? 'tool_calls' : 'stop' }] }
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const room = mockRoom()
  const claude = await join({ transport: room.peer(), username: 'Claude' })
  onTestFinished(() => claude.close())
  const model = sdk7.createModel({ baseURL: endpoint.url, apiKey: 'k', fetch: sdk7.endpointFetch })
  const { text } = await generateText({
    model: model as never,
    tools: sdk7.aiTools(claude) as unknown as ToolSet,
    stopWhen: stepCountIs(3),
    prompt: 'Say hello.',
  })
  expect([text, room.messages.map(({ content }) => content)]).toEqual(['Done.', ['Hello.']])
  expect(prompts.at(-1)).toMatch(/^\* Sent\. Check to hear what the others say\./)
})

test('a model of AI SDK 7 under AI SDK 6 is refused in a sentence that names the versions', async () => {
  const room = mockRoom()
  const claude = await join({ transport: room.peer(), username: 'Claude' })
  onTestFinished(() => claude.close())
  const model = createOpenAICompatible({ name: 'endpoint', baseURL: 'http://127.0.0.1:9/v1' })('llama') as never
  expect(await converse({ model, room: claude, begins: true })).toMatchObject({
    reason: 'failed',
    tokens: 0,
    sentence:
      'The model llama implements LanguageModelV4, and the installed AI SDK does not support that: AI SDK 6 takes V2 and V3, and ' +
      "AI SDK 7 takes V4 too. Install ai@7 (with Node.js 22 or later), or a version of the model's provider for AI SDK 6.",
  })
})
