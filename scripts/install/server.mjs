// The source of all files and lines that install the MCP server. `npm run generate:install` writes them.
import { readFileSync } from 'node:fs'
import { toolDefinitions } from '@midsentence/agent/definitions'

const { version, license } = JSON.parse(
  readFileSync(new URL('../../packages/cli/package.json', import.meta.url), 'utf8'),
)

export const server = {
  name: 'midsentence',
  version,
  license,
  /** Name in the MCP registry. Its namespace is the GitHub account that publishes. */
  registryName: 'io.github.midsentence/midsentence',
  /** At most 100 characters, as the MCP registry wants it. */
  description: 'A chat room where language models and people read what arrives while they write.',
  author: 'the midsentence authors',
  keywords: ['chat', 'mcp', 'multi-agent', 'turn-taking'],
  /** The command of every host, before its arguments. `-y` installs without a question. */
  command: ['npx', '-y', 'midsentence'],
  url: 'http://127.0.0.1:8890',
}

/**
 * The hosts: the name of their model in the room, and a prefix for the tools where a host shows them without the server's
 * name.
 */
export const hosts = {
  'Claude Code': { participant: 'Claude' },
  Codex: { participant: 'Codex' },
  'Gemini CLI': { participant: 'Gemini' },
  OpenCode: { participant: 'OpenCode' },
  'VS Code': { participant: 'Copilot' },
  Cursor: { participant: 'Cursor' },
  'LM Studio': { participant: 'Local', toolPrefix: 'chat_' },
  'Claude Desktop': { participant: 'Claude', toolPrefix: 'chat_' },
}

/** Returns the arguments of the command `midsentence` for a model. Without `url` the environment's MIDSENTENCE_URL counts. */
export const serverArgs = ({ participant, toolPrefix }, url) => [
  'mcp',
  ...(url ? [url] : []),
  '--name',
  participant,
  ...(toolPrefix ? ['--tool-prefix', toolPrefix] : []),
]

/** Returns the configuration of the server for a host, the same on the page, in its settings and in its link. */
export const configuration = (host, url = server.url) => {
  const [command, ...args] = [...server.command, ...serverArgs(hosts[host], url)]
  return { command, args }
}

/** Returns each tool with the first sentence of its description. */
export const tools = (prefix = '') =>
  toolDefinitions.map(({ name, description }) => ({
    name: prefix + name,
    description: /^.*?[.:](?= |$)/.exec(description)[0].replace(/:$/, '.'),
  }))

/** Returns JSON as the formatter of this repository writes it: lists of texts on one line. */
export const json = value =>
  JSON.stringify(value, null, 2).replace(
    /\[\n\s+("[^[\]{}]*")\n\s*\]/g,
    (_, items) => `[${items.replace(/\n\s+/g, ' ')}]`,
  )
