import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { node } from '@midsentence/testing/node-process'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { command } from '../pack/command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'midsentence-sdk-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
cpSync(join(root, 'examples/sdk'), folder, { recursive: true })
const { code, output } = await command(folder, 'npm', 'install', '--no-audit', '--no-fund', '--silent')
const missing = code !== 0
if (missing && process.env.CI) throw new Error(`The SDKs cannot be installed:\n${output}`)
if (missing) console.warn(`Skipped: the SDKs of OpenAI and Anthropic, since they cannot be installed:\n${output}`)
else symlinkSync(join(root, 'node_modules/@midsentence'), join(folder, 'node_modules/@midsentence'))

/** What the scripted model asks for at first. */
const calls = [
  { name: 'append', input: { text: 'I am here,' } },
  { name: 'append', input: { text: ' and I listen.' } },
  { name: 'push', input: {} },
]
const texts = [
  '* Added to your draft. Go on, or push to send it.',
  '* Added to your draft. Go on, or push to send it.',
  '* Sent. Check to hear what the others say.',
]

/** How each endpoint says what its model asks for, that it is done, and where it finds what the tools answered. */
const dialects = {
  'openai-chat.mjs': {
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
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'I am done.' } }],
    },
    told: (body: Body) => body.messages!.filter(({ role }) => role === 'tool').map(({ content }) => content),
  },
  'openai-responses.mjs': {
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
    told: (body: Body) => body.input!.filter(({ type }) => type === 'function_call_output').map(({ output }) => output),
  },
  'anthropic.mjs': {
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
    told: (body: Body) =>
      (body.messages!.at(-1)!.content as unknown as { content: string }[]).map(({ content }) => content),
  },
}

interface Body {
  readonly tools: readonly object[]
  readonly messages?: readonly { readonly role: string; readonly content: string }[]
  readonly input?: readonly { readonly type?: string; readonly output?: string }[]
}

test.skipIf(missing).each(Object.entries(dialects))(
  '%s with the real SDK: parallel calls take effect in order',
  async (file, { asks, done, told }) => {
    const bodies: Body[] = []
    const endpoint = createServer(async (req, res) => {
      const chunks: Buffer[] = []
      for await (const chunk of req) chunks.push(chunk as Buffer)
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()))
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(bodies.length === 1 ? asks : done))
    })
    await new Promise<void>(resolve => endpoint.listen(0, '127.0.0.1', resolve))
    const server = await startServer({ port: 0 })
    onTestFinished(async () => {
      endpoint.close()
      endpoint.closeAllConnections()
      await server.close()
    })
    const at = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`
    const env = {
      MIDSENTENCE_URL: server.url,
      MODEL: 'm',
      OPENAI_API_KEY: 'k',
      ANTHROPIC_API_KEY: 'k',
      OPENAI_BASE_URL: `${at}/v1`,
      ANTHROPIC_BASE_URL: at,
    }
    const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
    onTestFinished(() => ada.close())
    await ada.append('')
    const { code, stdout, stderr } = await node([join(folder, file)], { env }).ended
    expect([code, stderr, stdout]).toEqual([0, '', 'I am done.\n'])
    expect(bodies[0]!.tools).toHaveLength(7)
    expect(told(bodies[1]!)).toEqual(texts)
    expect(await ada.check()).toMatch(/^(GPT|Claude): I am here, and I listen\.$/)
  },
)
