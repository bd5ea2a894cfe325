import { credentialOptions, readCredential } from '../credential.ts'
import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import {
  parseAddresses,
  parseCheckMax,
  parseJournalPath,
  parseLast,
  parsePort,
  parseToolPrefix,
  requireName,
} from '../parse-values.ts'
import { usageError } from '../usage-error.ts'

const defaultUrl = 'http://127.0.0.1:8890'

export const mcp = defineCommand({
  name: 'mcp',
  help: `midsentence mcp [URL] --name NAME [--room ROOM] [--last N] [--journal FILE]
               [--no-numbered] [--leave-at-end] [--credential-file FILE]
midsentence mcp [URL] --token TOKEN [--leave-at-end]
midsentence mcp [URL] --http PORT [--loopback-webhooks]

An MCP server for a room: the tools append, undo, push, reset, check, preview and who, the
transcript as a resource, and a prompt that explains how to take part. An MCP host starts it and
talks to it on standard input and output, in the revisions 2025-11-25 and 2026-07-28.

  URL             The address of a server. Default: the environment's MIDSENTENCE_URL, else
                  ${defaultUrl}. The server may start later. Of several servers that
                  share their rooms: all, with commas, as http://a:8890,http://b:8890. When one is
                  lost, the next one is used.
  --name NAME     The model's name in the room. One process is one participant. After a restart in
                  the same folder it continues its session and its draft.
  --numbered      Take the first free one of NAME, NAME-2, NAME-3 and so on: each window of a host
                  is a participant. This is the default. --no-numbered: NAME, or an error.
  --room ROOM     Default: lobby.
  --last N        Give the model the last N messages from before it came, where the room shows its
                  history. Default: 20.
  --journal FILE  Where the session and the draft are kept, for NAME-2 in FILE-2. Default: a file
                  per name, room, server and working folder in XDG_STATE_HOME, or ~/.local/state.
  --leave-at-end  Leave the room when the host ends. Default: stay for a return. 90 s later the
                  others no longer see the participant and may take its name; its session and its
                  draft are kept for a day.
  --credential-file FILE
                  The password or signed token that the server asks for.
                  Default: the environment's MIDSENTENCE_CREDENTIAL.
  --credential TEXT
                  The same as an argument, which other users of this machine can see.
  --token TOKEN   Use the session of a token from midsentence join, instead of a name. The
                  environment's MIDSENTENCE_TOKEN is safer: other users can see arguments.
  --check-max MS  How long a check may wait, from 1000 to 3600000. Default: 55000, since most hosts
                  give up a tool after 60 s. Raise it together with the host's own limit.
  --channel       Wake Claude Code at each message of others, where it was started with
                  --channels, or --dangerously-load-development-channels server:midsentence.
  --structured    Add structured content to each result, for programs. Claude Code and Codex show
                  it to their models instead of the text.
  --tool-prefix TEXT
                  Put this before the name of each tool, such as chat_ for chat_push: for hosts
                  that show a model bare names, as LM Studio and Claude Desktop do.
  --http PORT     Serve MCP over HTTP on this machine, at /mcp, for any number of models. Each
                  request names its session by a header: authorization: Bearer TOKEN.
  --loopback-webhooks
                  Let webhooks of MCP Events reach this machine, also by http. Without it they
                  reach public https addresses only.
`,
  optional: ['URL'],
  options: {
    name: { type: 'string' },
    room: { type: 'string' },
    last: { type: 'string' },
    journal: { type: 'string' },
    numbered: { type: 'boolean' },
    'no-numbered': { type: 'boolean', default: false },
    'leave-at-end': { type: 'boolean', default: false },
    token: { type: 'string' },
    http: { type: 'string' },
    'check-max': { type: 'string' },
    structured: { type: 'boolean', default: false },
    'tool-prefix': { type: 'string' },
    channel: { type: 'boolean', default: false },
    'loopback-webhooks': { type: 'boolean', default: false },
    ...credentialOptions,
  },
  async run(
    {
      name,
      room = 'lobby',
      last = '20',
      journal,
      numbered,
      'no-numbered': noNumbered,
      'leave-at-end': leaveAtEnd,
      token = process.env.MIDSENTENCE_TOKEN || undefined,
      http,
      'check-max': checkMax,
      structured,
      'tool-prefix': toolPrefix,
      channel,
      'loopback-webhooks': loopbackWebhooks,
      ...flags
    },
    given,
  ) {
    const urls = parseAddresses(given ?? (process.env.MIDSENTENCE_URL || defaultUrl), given ? 'URL' : 'MIDSENTENCE_URL')
    if ((http !== undefined || (name === undefined && token !== undefined)) && Object.values(flags).some(Boolean))
      throw usageError('A session of a token has joined already: give the credential to midsentence join, not to mcp.')
    const tools = {
      structured,
      ...(checkMax !== undefined && { checkMaxMs: parseCheckMax(checkMax) }),
      ...(toolPrefix !== undefined && { toolPrefix: parseToolPrefix(toolPrefix) }),
    }
    if (numbered && noNumbered) throw usageError('Give mcp --numbered or --no-numbered, not both.')
    if (http !== undefined && leaveAtEnd)
      throw usageError('With --http the sessions belong to their tokens: --leave-at-end goes with --name or --token.')
    if (http !== undefined) {
      const port = parsePort(http, '--http')
      const { serveHttp } = await import('./serve-http.ts')
      return untilInterrupted(signal => serveHttp({ urls, port, loopbackWebhooks, ...tools }, signal), {
        endless: true,
      })
    }
    if (name !== undefined && token !== undefined && process.env.MIDSENTENCE_TOKEN !== token)
      throw usageError('Give mcp a name or a token, not both: the token already identifies the participant.')
    const member =
      name === undefined && token !== undefined
        ? { token }
        : {
            ...{
              username: requireName(name),
              room,
              last: parseLast(last),
              journal: parseJournalPath(journal),
              numbered: !noNumbered,
            },
            ...readCredential(flags),
          }
    const { serveStdio } = await import('./serve-stdio.ts')
    const options = { channel, leaveAtEnd, ...tools }
    return untilInterrupted(signal => serveStdio({ urls, ...member }, options, signal), { endless: true })
  },
})
