import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AsyncChatRoom } from '@midsentence/client'
import { fileJournal } from '@midsentence/client/node'
import { MidsentenceError } from '@midsentence/core'
import { mcpHttp, mcpStdio } from '@midsentence/mcp'
import { defineCommand } from '../define-command.ts'
import { untilInterrupted, whenAborted } from '../interrupt.ts'
import { parseAddress, parsePort, requireName } from '../parse-values.ts'
import { usageError } from '../usage-error.ts'
import { version } from '../version.ts'
import { journalPath } from './journal-path.ts'

const defaultUrl = 'http://127.0.0.1:8890'

export const mcp = defineCommand({
  name: 'mcp',
  help: `midsentence mcp [URL] --name NAME [--room ROOM] [--journal FILE]
midsentence mcp [URL] --token TOKEN
midsentence mcp [URL] --http PORT

Lets a model take part through any MCP host: the tools append, undo, push, reset, check, preview and
who, the transcript as a resource, and a prompt on how to take part. A host starts it by itself; it
speaks MCP on its standard input and output, in the revisions 2025-11-25 and 2026-07-28.

  URL             The address of a server. Default: the environment's MIDSENTENCE_URL, else
                  ${defaultUrl}. It need not run yet.
  --name NAME     The model's name in the room. One process is one participant: started again, it
                  goes on where it was, in the middle of a sentence too.
  --room ROOM     Default: lobby.
  --journal FILE  Where it keeps its place and its draft. Default: a file of its own below
                  XDG_STATE_HOME, or ~/.local/state.
  --token TOKEN   In place of a name: take the seat whose token midsentence join printed. Better
                  given as the environment's MIDSENTENCE_TOKEN, since others may see arguments.
  --http PORT     Serve MCP over HTTP on this machine instead, at /mcp, for any number of models.
                  Who calls is said by the token of each request: authorization: Bearer TOKEN.
`,
  optional: ['URL'],
  options: {
    name: { type: 'string' },
    room: { type: 'string' },
    journal: { type: 'string' },
    token: { type: 'string' },
    http: { type: 'string' },
  },
  run({ name, room = 'lobby', journal, token = process.env.MIDSENTENCE_TOKEN || undefined, http }, given) {
    const url = parseAddress(given ?? (process.env.MIDSENTENCE_URL || defaultUrl), given ? 'URL' : 'MIDSENTENCE_URL')
    if (http !== undefined) {
      const port = parsePort(http, '--http')
      return untilInterrupted(signal => serveHttp(url, port, signal), { endless: true })
    }
    if (name !== undefined && token !== undefined && process.env.MIDSENTENCE_TOKEN !== token)
      throw usageError('Give mcp a name or a token, not both: the token says who it is.')
    if (name === undefined && token !== undefined)
      return untilInterrupted(signal => serveStdio({ url, token }, signal), { endless: true })
    const username = requireName(name)
    const kept = fileJournal(journal ?? journalPath(url, room, username))
    const who = new AsyncChatRoom({ url, username, room, journal: kept })
    return untilInterrupted(signal => serveStdio(who, signal), { endless: true })
  },
})

/** Ends with its host. The room is not left: a host that starts it again finds it where it was. */
async function serveStdio(who: Parameters<typeof mcpStdio>[0]['room'], signal: AbortSignal): Promise<void> {
  const server = mcpStdio({ room: who, version, onError: printError })
  const ended = new Promise<void>(resolve => {
    process.stdin.once('end', resolve).once('close', resolve)
  })
  await Promise.race([ended, whenAborted(signal)])
  await server.close()
  process.stdin.destroy()
}

async function serveHttp(url: string, port: number, signal: AbortSignal): Promise<void> {
  const endpoint = mcpHttp({ url, version, onError: printError })
  const server = createServer((req, res) => {
    if (/^\/mcp\/?(\?|$)/.test(req.url ?? '')) endpoint.handle(req, res)
    else res.writeHead(404, { 'content-type': 'text/plain' }).end('MCP is served at /mcp.\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', cause =>
      reject(new MidsentenceError('unavailable', `Port ${port} cannot be had: ${cause.message}. Choose another one.`)),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  process.stdout.write(`MCP for the rooms of ${url} is served at ${address}. Ctrl-C ends it.\n`)
  await whenAborted(signal)
  server.close()
  await endpoint.close()
  server.closeAllConnections()
}

/** Standard output is the wire. */
const printError = (error: Error) => void process.stderr.write(`midsentence mcp: ${error.message}\n`)
