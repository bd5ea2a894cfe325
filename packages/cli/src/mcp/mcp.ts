import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { parseAddress, parsePort, requireName } from '../parse-values.ts'
import { usageError } from '../usage-error.ts'

const defaultUrl = 'http://127.0.0.1:8890'

export const mcp = defineCommand({
  name: 'mcp',
  help: `midsentence mcp [URL] --name NAME [--room ROOM] [--journal FILE]
midsentence mcp [URL] --token TOKEN
midsentence mcp [URL] --http PORT

An MCP server for a room: the tools append, undo, push, reset, check, preview and who, the
transcript as a resource, and a prompt that explains how to take part. An MCP host starts it and
talks to it on standard input and output, in the revisions 2025-11-25 and 2026-07-28.

  URL             The address of a server. Default: the environment's MIDSENTENCE_URL, else
                  ${defaultUrl}. The server may start later.
  --name NAME     The model's name in the room. One process is one participant. After a restart it
                  continues its session and its draft.
  --room ROOM     Default: lobby.
  --journal FILE  Where the session and the draft are kept. Default: a file per name, room and
                  server in XDG_STATE_HOME, or ~/.local/state.
  --token TOKEN   Use the session of a token from midsentence join, instead of a name. The
                  environment's MIDSENTENCE_TOKEN is safer: other users can see arguments.
  --http PORT     Serve MCP over HTTP on this machine, at /mcp, for any number of models. Each
                  request names its session by a header: authorization: Bearer TOKEN.
`,
  optional: ['URL'],
  options: {
    name: { type: 'string' },
    room: { type: 'string' },
    journal: { type: 'string' },
    token: { type: 'string' },
    http: { type: 'string' },
  },
  async run({ name, room = 'lobby', journal, token = process.env.MIDSENTENCE_TOKEN || undefined, http }, given) {
    const url = parseAddress(given ?? (process.env.MIDSENTENCE_URL || defaultUrl), given ? 'URL' : 'MIDSENTENCE_URL')
    if (http !== undefined) {
      const port = parsePort(http, '--http')
      const { serveHttp } = await import('./serve-http.ts')
      return untilInterrupted(signal => serveHttp(url, port, signal), { endless: true })
    }
    if (name !== undefined && token !== undefined && process.env.MIDSENTENCE_TOKEN !== token)
      throw usageError('Give mcp a name or a token, not both: the token already identifies the participant.')
    const member =
      name === undefined && token !== undefined ? { token } : { username: requireName(name), room, journal }
    const { serveStdio } = await import('./serve-stdio.ts')
    return untilInterrupted(signal => serveStdio({ url, ...member }, signal), { endless: true })
  },
})
