import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** How a host starts the server. */
export interface McpCommand {
  readonly command: string
  readonly args: readonly string[]
}

/** A place of docs/mcp-hosts.md that says how a host starts the server: a line for a shell, settings, or a link. */
export interface DocumentedServer extends McpCommand {
  readonly host: string
  readonly from: 'line' | 'settings' | 'link'
}

const page = readFileSync(fileURLToPath(new URL('../../docs/mcp-hosts.md', import.meta.url)), 'utf8')

/** Returns the places of the page, in order. */
export function documentedServers(): DocumentedServer[] {
  return page.split(/^## /m).flatMap(section => {
    const [host] = section.split('\n')
    const blocks = [...section.matchAll(/```(\w+)[^\n]*\n([\s\S]*?)\n```/g)]
    return blocks.flatMap(([, language, text]) => serversIn(language!, text!).map(found => ({ host: host!, ...found })))
  })
}

function serversIn(language: string, text: string): Omit<DocumentedServer, 'host'>[] {
  if (language === 'sh') return text.split('\n').flatMap(lineServer)
  if (language === 'text') return [{ from: 'link', ...linkedServer(text) }]
  const settings = language === 'toml' ? tomlServer(text) : jsonServer(JSON.parse(text))
  // An address over HTTP has no command.
  return settings?.command === undefined ? [] : [{ from: 'settings', ...settings }]
}

/** Reads `claude mcp add NAME -- COMMAND …`, `gemini mcp add NAME COMMAND -- …` and `code --add-mcp JSON`. */
function lineServer(line: string): Omit<DocumentedServer, 'host'>[] {
  const added = /^code --add-mcp '(.*)'$/.exec(line)?.[1]
  if (added) return [{ from: 'line', ...commandOf(JSON.parse(added)) }]
  const words = /^\w+ mcp add .*?midsentence (.*)$/.exec(line)?.[1]?.split(' ')
  if (!words) return []
  const [command, ...args] = words.toSpliced(words.indexOf('--'), 1)
  return [{ from: 'line', command: command!, args }]
}

/** Decodes a link as its host does: VS Code reads JSON, the others a parameter in base64. */
function linkedServer(link: string): McpCommand {
  const { protocol, search, searchParams } = new URL(link)
  if (protocol === 'vscode:') return commandOf(JSON.parse(decodeURIComponent(search.slice(1))))
  return commandOf(JSON.parse(Buffer.from(searchParams.get('config')!, 'base64').toString()))
}

function jsonServer(settings: Record<string, Record<string, unknown>>): McpCommand | undefined {
  const { mcpServers, servers, mcp } = settings
  const server = (mcpServers ?? servers ?? mcp)?.midsentence
  return server === undefined ? undefined : commandOf(server as { command: string | string[]; args?: string[] })
}

function tomlServer(text: string): McpCommand {
  const value = (name: string) => JSON.parse(new RegExp(`^${name} = (.*)$`, 'm').exec(text)![1]!)
  return { command: value('command'), args: value('args') }
}

/** OpenCode has one list for both. */
function commandOf({ command, args = [] }: { command: string | string[]; args?: string[] }): McpCommand {
  const [first, ...rest] = [command].flat()
  return { command: first!, args: [...rest, ...args] }
}
