import { toolDefinitions } from '@midsentence/agent/tools'
import type { HostRun } from './host-run.ts'
import type { McpMessage } from './mcp-tap.ts'
import type { HostProgram } from './programs.ts'

/** What was seen of a host: the columns of a table in docs/models.md, by their rows. */
export type HostFacts = Readonly<Record<string, string>>

/** Has the model of a host call tools, and says what the host makes of the calls and shows of the results. Ends the host. */
export async function observe({ package: pinned, opening }: HostProgram, host: HostRun): Promise<HostFacts> {
  const { model, tap } = host
  const shown = model.shown.tools.filter(({ name }) => /midsentence/.test(name))
  const same = toolDefinitions.every(({ name, description }) =>
    shown.some(tool => tool.name.endsWith(name) && tool.description === description),
  )
  const [who] = await model.calls(['who'])
  tap.structuredTool = 'preview'
  const [preview] = await model.calls(['preview'])
  tap.structuredTool = undefined
  const begun = tap.messages.length
  await model.calls(
    ['append', { text: 'One.' }],
    ['append', { text: ' Two.' }],
    ['check', { timeout_ms: 100 }],
    ['who'],
  )
  const turn = tap.messages.slice(begun)
  const [wrong] = await model.calls(['append', { words: 'One.' }])
  const refused = tap.messages.filter(({ method }) => method === 'tools/call').at(-1)!
  const goesOn = await repeat(host)
  if (goesOn) model.says('Goodbye.')
  await host.ended
  const call = turn.find(({ method }) => method === 'tools/call')!
  const meta = Object.keys(call.params!._meta as object).filter(key => !key.startsWith('io.modelcontextprotocol/'))
  return {
    version: `\`${pinned}\``,
    'MCP revision': `${revision(tap.messages)}`,
    '`push` is shown as': `\`${shown.find(({ name }) => name.endsWith('push'))!.name.replace(' ', '` in `')}\``,
    descriptions: `${same ? 'in full' : 'changed'}${opening ? `, after the model has called \`${opening[0]}\`` : ''}`,
    'the result of `who` is shown as': code(who!),
    'a result with structured content': preview!.includes('"shown"')
      ? 'the JSON instead of the text'
      : 'the text alone',
    'calls of one turn': order(turn),
    'names of a call in `_meta`': meta.map(key => `\`${key}\``).join(', '),
    'wrong arguments are refused by': JSON.stringify(refused.params!.arguments).includes('words')
      ? 'the server'
      : 'the host',
    'shown of them': code(wrong!),
    'the same call again and again': goesOn ? 'goes on' : 'ends the session at the fifth',
    'ends the server by': tap.ending.find(event => event.startsWith('SIG')) ?? 'closing its stdin',
  }
}

/** Interrupts a host, as Ctrl-C does, while a check waits, and says what the server is sent. */
export async function observeInterrupt({ model, tap, ended, interrupt }: HostRun): Promise<HostFacts> {
  tap.beforeCall = interrupt
  void model.calls(['check', { timeout_ms: 20_000 }])
  await ended
  const cancelled = tap.messages.some(({ method }) => method === 'notifications/cancelled')
  const withServer = tap.ending.includes('SIGINT')
  return {
    'Ctrl-C while a check waits': withServer
      ? 'reaches the server too'
      : cancelled
        ? 'cancels the call'
        : 'ends the server',
  }
}

/** Makes the same call six times. Returns false if the host ends at it. */
async function repeat({ model, ended }: HostRun): Promise<boolean> {
  for (let times = 0; times < 6; times++) {
    const results = await Promise.race([model.calls(['check', { timeout_ms: 0 }]), ended.then(() => undefined)])
    if (!results) return false
  }
  return true
}

/** Says which calls a host sent before the previous ones had their results. */
function order(messages: readonly McpMessage[]): string {
  const sent = messages.filter(({ method }) => method === 'tools/call')
  const answeredAt = (id: McpMessage['id']) =>
    messages.find(message => message.from === 'server' && message.id === id)!.at
  const together = sent.slice(1).map(({ at }, index) => at < answeredAt(sent[index]!.id))
  const [appends, , reading] = together
  if (together.every(Boolean)) return 'all at once'
  return !appends && reading ? 'one after the other; tools that only read, at once' : 'one after the other'
}

function revision(messages: readonly McpMessage[]): string {
  const [first] = messages
  const result = messages.find(({ from }) => from === 'server')!.result!
  return String(first!.method === 'initialize' ? result.protocolVersion : (result.supportedVersions as string[])[0])
}

const code = (text: string) =>
  `\`${text
    .replaceAll('\n', '⏎')
    .replace(/\d\.\d+ seconds/, '… seconds')
    .replaceAll('`', "'")}\``

/** The table of all hosts: a column for each. */
export function hostTable(facts: ReadonlyMap<string, HostFacts>): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const columns = [...facts.values()]
  return [
    row(['', ...facts.keys()]),
    row(['---', ...columns.map(() => '---')]),
    ...Object.keys(columns[0]!).map(name => row([name, ...columns.map(column => column[name]!)])),
  ].join('\n')
}
