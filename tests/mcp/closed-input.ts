import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import type { TestContext } from 'vitest'
import { bin } from '../built-command.ts'

export const closedInputTools = ['append', 'check', 'push', 'undo', 'reset', 'preview', 'who'] as const

export interface ClosedInputRound {
  readonly tool: (typeof closedInputTools)[number]
  /** From the call to the end of the input, in milliseconds. */
  readonly delay: number
  /** Reads the draft before the call. Without it the call itself joins the room. */
  readonly reads: boolean
}

/** What the draft may be: calls without an answer may have acted. */
interface Known {
  drafts: readonly string[]
  /** Messages that were answered as sent, and all that may have been sent. */
  readonly sent: string[]
  readonly maybeSent: Set<string>
}

/**
 * Returns a function that runs `midsentence mcp` for one call and closes its input after it. It expects that the process ends with
 * code 0 and without a word, and that nothing answered was lost.
 */
export async function closedInput(
  kind: 'name' | 'token',
  { onTestFinished, expect }: TestContext,
): Promise<{
  round(round: ClosedInputRound): Promise<void>
  expectAllSent(): Promise<void>
}> {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
  onTestFinished(() => ada.close())
  const said: string[] = []
  const { messages$ } = await ada.participant()
  messages$.subscribe(({ content }) => said.push(content))
  const { joinResult } = await server.hub.join({ username: 'Claude', secret: '0123456789abcdef0123' })
  const folder = await mkdtemp(join(tmpdir(), 'midsentence-mcp-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const member = kind === 'token' ? ['--token', joinResult.token] : ['--name', 'GPT']
  const known: Known = { drafts: [''], sent: [], maybeSent: new Set() }
  let texts = 0

  const round = async ({ tool, delay, reads }: ClosedInputRound) => {
    const child = spawn(process.execPath, [bin, 'mcp', server.url, ...member], {
      env: { ...process.env, XDG_STATE_HOME: folder },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let printed = ''
    child.stderr.setEncoding('utf8').on('data', text => {
      printed += text
    })
    const answers = new Map<number, string>()
    const lines = createInterface({ input: child.stdout })
    lines.on('line', line => {
      const { id, result } = JSON.parse(line)
      if (id === undefined) return
      expect(result).toBeDefined()
      answers.set(id, result.content?.[0].text ?? '')
    })
    const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
    const call = (id: number, name: string, args = {}) =>
      send({ id, method: 'tools/call', params: { name, arguments: args } })
    const clientInfo = { name: 'a-host', version: '1.0.0' }
    send({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } })
    send({ method: 'notifications/initialized' })
    if (reads) {
      call(1, 'preview')
      while (!answers.has(1)) await once(lines, 'line')
      // The draft's lines are indented.
      const draft = /^\* Your draft so far:\n {4}(.*)$/m.exec(answers.get(1)!)?.[1] ?? ''
      expect(known.drafts).toContain(draft)
      known.drafts = [draft]
    }
    const text = `${++texts}.`
    call(2, tool, tool === 'append' ? { text } : { timeout_ms: 20_000 })
    await new Promise(resolve => setTimeout(resolve, delay))
    const ended = once(child, 'close')
    const began = performance.now()
    child.stdin.end()
    const [code] = await ended
    // A check waits 20 s, and a process of a host must not outlast it.
    const isPrompt = performance.now() - began < 10_000
    expect([tool, delay, code, printed, isPrompt]).toEqual([tool, delay, 0, '', true])
    note(known, tool, text, answers.get(2))
  }

  const expectAllSent = async () => {
    await expect.poll(() => said).toEqual(expect.arrayContaining(known.sent))
    for (const text of said) expect(known.maybeSent).toContain(text)
    expect(new Set(said).size).toBe(said.length)
  }
  return { round, expectAllSent }
}

/** Notes what a call may have changed; with an answer, what it did. */
function note(known: Known, tool: ClosedInputRound['tool'], text: string, answer: string | undefined): void {
  const after = known.drafts.map(draft => {
    if (tool === 'append') return draft + text
    if (tool === 'undo') return draft.replace(/\d+\.$/, '')
    return tool === 'push' || tool === 'reset' ? '' : draft
  })
  if (tool === 'push') for (const draft of known.drafts) known.maybeSent.add(draft)
  if (tool === 'push' && answer?.startsWith('* Sent.') && known.drafts.length === 1) known.sent.push(known.drafts[0]!)
  known.drafts = [...new Set(answer === undefined ? [...known.drafts, ...after] : after)]
}
