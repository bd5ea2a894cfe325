import { type McpStdioOptions, mcpStdio } from '@midsentence/mcp/stdio'
import { whenAborted } from '../interrupt.ts'
import { expandHome } from '../settings/read-text-file.ts'
import { version } from '../version.ts'
import { journalPath } from './journal-path.ts'
import { printError } from './print-error.ts'

/** A session of the server at `url`: an existing one by its token, or one of this process by its name. */
export type StdioMember = { readonly url: string } & (
  | { readonly token: string }
  | {
      readonly username: string
      readonly room: string
      readonly last: number
      readonly journal: string | undefined
      readonly credential?: string
    }
)

/**
 * Serves MCP on standard input and output until the host closes the input or `signal` aborts. It does not leave the room,
 * so that the next process continues the session.
 */
export async function serveStdio(
  member: StdioMember,
  options: Pick<McpStdioOptions, 'channel' | 'checkMaxMs' | 'structured' | 'toolPrefix'>,
  signal: AbortSignal,
): Promise<void> {
  const server = mcpStdio({ room: roomOf(member), version, ...options, onError: printError })
  const inputEnded = new Promise<void>(resolve => {
    process.stdin.once('end', resolve).once('close', resolve)
  })
  await Promise.race([inputEnded, whenAborted(signal)])
  await server.close()
  process.stdin.destroy()
}

/** Returns the token as it is. A participant of this process is created at the first tool call. */
function roomOf(member: StdioMember): McpStdioOptions['room'] {
  if ('token' in member) return member
  const { url, username, room, last, journal, credential } = member
  return async () => {
    const [{ AsyncChatRoom }, { fileJournal }] = await Promise.all([
      import('@midsentence/client'),
      import('@midsentence/client/node'),
    ])
    return new AsyncChatRoom({
      url,
      username,
      room,
      since: { last },
      ...(credential !== undefined && { credential }),
      journal: fileJournal(journal === undefined ? journalPath(url, room, username) : expandHome(journal)),
    })
  }
}
