import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as OldStdio } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as OldHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { expect, onTestFinished } from 'vitest'
import { bin } from '../built-command.ts'

const info = { name: 'a-host', version: '1.0.0' }

/** The client of a host, of any revision. */
export interface Host {
  readonly client: Client | OldClient
  /** Process id of the MCP server, over stdio with a client that is not old. */
  readonly pid: number | undefined
  /** Calls a tool and returns its text. */
  read(tool: string, args?: Record<string, unknown>): Promise<string>
  /** Calls a tool and returns its structured content, which needs `--structured`. */
  data(tool: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>
}

/** Creates a folder for journals, deleted after the test. */
export async function stateFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'midsentence-mcp-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function hostOf(client: Client | OldClient, pid?: number | null): Host {
  onTestFinished(() => client.close().catch(() => {}))
  const call = (name: string, args: Record<string, unknown>) => (client as Client).callTool({ name, arguments: args })
  return {
    client,
    pid: pid ?? undefined,
    read: async (tool, args = {}) => {
      const { content } = await call(tool, args)
      return (content as { text: string }[]).map(({ text }) => text).join('\n')
    },
    data: async (tool, args = {}) => (await call(tool, args)).structuredContent as Record<string, unknown>,
  }
}

export type Generation = '2025-11-25' | '2026-07-28' | 'old'

const newClient = (generation: Generation) =>
  new Client(info, generation === '2026-07-28' ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {})

/** Starts the MCP server over stdio and connects a host to it. `cwd`: the folder in which the host works. */
export async function stdioHost(
  generation: Generation,
  args: readonly string[],
  folder: string,
  cwd?: string,
): Promise<Host> {
  const transport = {
    command: process.execPath,
    args: [bin, 'mcp', ...args],
    env: { ...(process.env as Record<string, string>), XDG_STATE_HOME: folder },
    stderr: 'inherit' as const,
    ...(cwd !== undefined && { cwd }),
  }
  if (generation === 'old') {
    const client = new OldClient(info)
    await client.connect(new OldStdio(transport))
    return hostOf(client)
  }
  const client = newClient(generation)
  const stdio = new StdioClientTransport(transport)
  await client.connect(stdio)
  return hostOf(client, stdio.pid)
}

/** Connects a host to the MCP endpoint with the token of a session. */
export async function httpHost(generation: Generation, url: string, token: string): Promise<Host> {
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  if (generation === 'old') {
    const client = new OldClient(info)
    // Its types are not made for exactOptionalPropertyTypes.
    await client.connect(new OldHttp(new URL(url), { requestInit }) as never)
    return hostOf(client)
  }
  const client = newClient(generation)
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }))
  return hostOf(client)
}

/** Sends arguments that are no object, which must be answered with a result that says what to send. */
export async function expectFormsExplained({ client }: Host): Promise<void> {
  for (const form of ['Hi.', '{"text": "Hi."}', ['Hi.'], 7, true, null]) {
    const params = { name: 'append', arguments: form as unknown as Record<string, unknown> }
    const { content, isError } = await (client as Client).callTool(params)
    const text =
      form === null ? /^\* append takes a text: / : /^\* Nothing was done: append takes its arguments as one object, /
    expect([form, isError, content]).toEqual([form, true, [{ type: 'text', text: expect.stringMatching(text) }]])
  }
}

/** Runs `midsentence mcp URL --http 0` until the test ends. Resolves with its address. */
export function httpEndpoint(url: string, args: readonly string[] = []): Promise<string> {
  const child = spawn(process.execPath, [bin, 'mcp', url, '--http', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout.setEncoding('utf8').on('data', text => {
      said += text
      const found = /served at (\S+)\./.exec(said)?.[1]
      if (found) resolve(found)
    })
    child.once('close', () => reject(new Error(`It ended: ${said}`)))
  })
}
