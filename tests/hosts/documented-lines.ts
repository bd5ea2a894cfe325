import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const document = readFileSync(fileURLToPath(new URL('../../docs/mcp-hosts.md', import.meta.url)), 'utf8')
const SERVER = 'http://127.0.0.1:8890'
const CLONE = '/path/to/midsentence'
const root = fileURLToPath(new URL('../..', import.meta.url))

/** A block of docs/mcp-hosts.md that adds the server to a host. */
export interface DocumentedLines {
  /** The lines to run in a shell. */
  readonly lines: string
  /** The files to write first, by their path in the folder of the project. `~/` begins one in the home folder. */
  readonly files: Readonly<Record<string, string>>
}

/**
 * Returns the ways to add the server to a host: by a command, where it has one, and by settings. They run `script` in
 * Node.js in place of `npx -y midsentence`, and name the server at `url`.
 */
export function documentedWays(host: string, script: readonly string[], url: string): readonly DocumentedLines[] {
  const [, section] = new RegExp(`^## ${host}\\n([\\s\\S]*?)^## `, 'm').exec(document)!
  return section!
    .split(/^### .*\n/m)
    .map(way => linesOf(way, script, url))
    .filter(({ lines }) => lines !== '')
}

function linesOf(way: string, script: readonly string[], url: string): DocumentedLines {
  const started = (text: string) =>
    script.length === 0
      ? text
      : text
          .replace('"npx"', '"node"')
          .replace('"-y", "midsentence"', script.map(word => JSON.stringify(word)).join(', '))
          .replace(/\bnpx (-- )?-y midsentence/, (_, dashes = '') => `node ${dashes}${script.join(' ')}`)
  const blocks = [...way.matchAll(/```(\w+)(?: (\S+))?\n([\s\S]*?)```/g)].map(([, language, path, text]) => ({
    language,
    path,
    text: started(text!).replace(SERVER, url).replace(CLONE, root),
  }))
  return {
    lines: blocks.flatMap(({ language, text }) => (language === 'sh' ? [text] : [])).join(''),
    files: Object.fromEntries(blocks.flatMap(({ path, text }) => (path ? [[path, text]] : []))),
  }
}
