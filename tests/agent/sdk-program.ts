import { createServer } from 'node:http'
import { join } from 'node:path'
import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { spawnProcess } from '@midsentence/testing/node-process'
import { expect, onTestFinished } from 'vitest'
import { listenOnLoopback } from '../hosts/loopback.ts'

/** What the scripted model asks for at first. */
const calls = [
  { name: 'append', input: { text: 'I am here,' } },
  { name: 'append', input: { text: ' and I listen.' } },
  { name: 'push', input: {} },
]
/** What the tools answer. */
const texts = [
  '* Added to your draft. Go on, or push to send it.',
  '* Added to your draft. Go on, or push to send it.',
  '* Sent. Check to hear what the others say.',
]

/** How an endpoint says what its model asks for, that it is done, and where it finds what the tools answered. */
interface SdkDialect {
  readonly asks: object
  readonly done: object
  told(body: SdkRequest): unknown[]
}

/** The APIs of models that the programs in examples/sdk use. */
export type SdkApi = 'chat' | 'responses' | 'anthropic' | 'gemini'

const dialects: Readonly<Record<SdkApi, SdkDialect>> = {
  chat: {
    asks: {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: null,
            tool_calls: calls.map(({ name, input }, n) => ({
              id: `call_${n}`,
              type: 'function',
              function: { name, arguments: JSON.stringify(input) },
            })),
          },
        },
      ],
    },
    done: {
      // LangChain replaces messages by their id.
      id: 'd',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'I am done.' } }],
    },
    told: (body: SdkRequest) => body.messages!.filter(({ role }) => role === 'tool').map(({ content }) => content),
  },
  responses: {
    asks: {
      id: 'r',
      object: 'response',
      output: calls.map(({ name, input }, n) => ({
        type: 'function_call',
        id: `f${n}`,
        call_id: `call_${n}`,
        name,
        arguments: JSON.stringify(input),
      })),
    },
    done: {
      id: 'r',
      object: 'response',
      output: [
        {
          type: 'message',
          id: 'm',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'I am done.', annotations: [] }],
        },
      ],
    },
    told: (body: SdkRequest) =>
      body.input!.filter(({ type }) => type === 'function_call_output').map(({ output }) => output),
  },
  anthropic: {
    asks: {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'm',
      stop_reason: 'tool_use',
      usage: { input_tokens: 1, output_tokens: 1 },
      content: calls.map(({ name, input }, n) => ({ type: 'tool_use', id: `toolu_${n}`, name, input })),
    },
    done: {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'm',
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 1 },
      content: [{ type: 'text', text: 'I am done.' }],
    },
    told: (body: SdkRequest) =>
      (body.messages!.at(-1)!.content as unknown as { content: string }[]).map(({ content }) => content),
  },
  gemini: {
    asks: {
      candidates: [
        {
          content: {
            role: 'model',
            parts: calls.map(({ name, input }, n) => ({ functionCall: { id: `call_${n}`, name, args: input } })),
          },
          finishReason: 'STOP',
        },
      ],
    },
    done: { candidates: [{ content: { role: 'model', parts: [{ text: 'I am done.' }] }, finishReason: 'STOP' }] },
    told: body => body.contents!.at(-1)!.parts.map(({ functionResponse }) => functionResponse.response.output),
  },
}

/** What a program sends to its endpoint. */
interface SdkRequest {
  readonly tools: readonly { readonly functionDeclarations?: readonly object[] }[]
  readonly messages?: readonly { readonly role: string; readonly content: string }[]
  readonly input?: readonly { readonly type?: string; readonly output?: string }[]
  readonly contents?: readonly {
    readonly parts: readonly { readonly functionResponse: { readonly response: { readonly output: string } } }[]
  }[]
}

/**
 * Runs a program of examples/sdk in `folder` by `node`, against a scripted model. The model appends twice and pushes in one turn:
 * expects that the calls took effect in order, and that the model read the answers.
 */
export async function expectProgramSpeaks(node: string, folder: string, file: string, api: SdkApi): Promise<void> {
  const { asks, done, told } = dialects[api]
  const bodies: SdkRequest[] = []
  const endpoint = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    bodies.push(JSON.parse(Buffer.concat(chunks).toString()))
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(bodies.length === 1 ? asks : done))
  })
  const at = `http://127.0.0.1:${await listenOnLoopback(endpoint)}`
  const server = await startServer({ port: 0 })
  onTestFinished(async () => {
    endpoint.close()
    endpoint.closeAllConnections()
    await server.close()
  })
  const env = {
    MIDSENTENCE_URL: server.url,
    MODEL: 'm',
    OPENAI_API_KEY: 'k',
    ANTHROPIC_API_KEY: 'k',
    OPENAI_BASE_URL: `${at}/v1`,
    ANTHROPIC_BASE_URL: at,
    GEMINI_API_KEY: 'k',
    GOOGLE_GEMINI_BASE_URL: at,
    // It would send traces to OpenAI.
    OPENAI_AGENTS_DISABLE_TRACING: '1',
  }
  const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
  onTestFinished(() => ada.close())
  await ada.append('')
  const { code, stdout, stderr } = await spawnProcess(node, [join(folder, file)], { env }).ended
  expect([code, stderr, stdout]).toEqual([0, '', 'I am done.\n'])
  expect(bodies[0]!.tools.flatMap(tool => tool.functionDeclarations ?? tool)).toHaveLength(7)
  expect(told(bodies[1]!)).toEqual(texts)
  expect(await ada.check()).toMatch(/^(GPT|Claude|Gemini): I am here, and I listen\.$/)
}
