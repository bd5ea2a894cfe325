import { type McpStdioOptions, mcpStdio } from '@midsentence/mcp/stdio'
import { whenAborted } from '../interrupt.ts'
import { expandHome } from '../settings/read-text-file.ts'
import { version } from '../version.ts'
import { journalPath } from './journal-path.ts'
import type { NumberedRoom } from './numbered-room.ts'
import { printError } from './print-error.ts'

/** A participant of this process, which its name, its room and the folder of its host identify. */
export interface NamedMember {
  readonly username: string
  readonly room: string
  readonly last: number
  /** Path of its journal, for a number the path and `-2`. Default: a file in the state folder. */
  readonly journal: string | undefined
  readonly credential?: string
  readonly numbered: boolean
}

/** A session of the servers at `urls`: an existing one by its token, or one of this process by its name. */
export type StdioMember = { readonly urls: readonly string[] } & ({ readonly token: string } | NamedMember)

export interface ServeStdioOptions
  extends Pick<McpStdioOptions, 'channel' | 'checkMaxMs' | 'structured' | 'toolPrefix'> {
  /** Leaves the room at the end. Else the next process continues the session. */
  readonly leaveAtEnd: boolean
}

/** Serves MCP on standard input and output until the host closes the input or `signal` aborts. */
export async function serveStdio(
  member: StdioMember,
  { leaveAtEnd, ...options }: ServeStdioOptions,
  signal: AbortSignal,
): Promise<void> {
  const { room, end } = 'token' in member ? hostedMember(member, leaveAtEnd) : localMember(member, leaveAtEnd)
  const askedName = 'token' in member ? {} : { askedName: member.username }
  const server = mcpStdio({ room, version, ...askedName, ...options, onError: printError })
  const inputEnded = new Promise<void>(resolve => {
    process.stdin.once('end', resolve).once('close', resolve)
  })
  await Promise.race([inputEnded, whenAborted(signal)])
  await Promise.all([server.close(), end()])
  process.stdin.destroy()
}

interface MemberRoom {
  readonly room: McpStdioOptions['room']
  /** Called when the host has ended. Never rejects. */
  end(): Promise<void>
}

function hostedMember(
  { urls, token }: { readonly urls: readonly string[]; readonly token: string },
  leaveAtEnd: boolean,
): MemberRoom {
  const leave = async () => {
    const { callServer } = await import('@midsentence/client')
    const options = { token, answerMs: LEAVE_MS }
    await callServer(urls, 'leave', {}, options).catch(() => {})
  }
  return { room: { url: urls, token }, end: async () => (leaveAtEnd ? leave() : undefined) }
}

/** The participant joins at the first tool call. */
function localMember(
  { journal, ...member }: NamedMember & { readonly urls: readonly string[] },
  leaveAtEnd: boolean,
): MemberRoom {
  const { urls, room } = member
  const given = journal === undefined ? undefined : expandHome(journal)
  const journalOf = (name: string, number: number) => {
    if (given !== undefined) return number === 1 ? given : `${given}-${number}`
    return journalPath({ urls, room, name, workspace: process.cwd() })
  }
  let opened: NumberedRoom | undefined
  return {
    async room() {
      const { NumberedRoom } = await import('./numbered-room.ts')
      opened = new NumberedRoom({ ...member, journalOf })
      return opened
    },
    end: async () => (leaveAtEnd ? opened?.close() : opened?.release()),
  }
}

/** Longest time to leave, in milliseconds: hosts end a process two seconds after they have closed its input. */
const LEAVE_MS = 1500
