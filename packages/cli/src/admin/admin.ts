import type { ParticipantInfo, RoomInfo } from '@midsentence/core/hub'
import { command } from '../command.ts'
import { call } from '../join/call.ts'
import { readSecret } from '../settings/read-settings.ts'
import { usageError } from '../usage-error.ts'
import { addressOf } from '../values.ts'

type Ask = (method: string, params?: object) => Promise<unknown>

interface Deed {
  readonly operands: readonly string[]
  /** Resolves to what is shown. */
  run(ask: Ask, room: string, name: string, ms: number | undefined): Promise<string>
}

const deeds: Readonly<Record<string, Deed>> = {
  rooms: {
    operands: [],
    async run(ask) {
      const { rooms } = (await ask('admin.rooms')) as { rooms: readonly RoomInfo[] }
      if (rooms.length === 0) return 'There are no rooms just now.'
      return rooms
        .map(({ room, closed, participants, head }) =>
          closed ? `${room}: closed` : `${room}: ${participants} there, ${head} messages`,
        )
        .join('\n')
    },
  },
  participants: {
    operands: ['ROOM'],
    async run(ask, room) {
      const { participants } = (await ask('admin.participants', { room })) as {
        participants: readonly ParticipantInfo[]
      }
      if (participants.length === 0) return `Nobody is in ${room} just now.`
      return participants
        .map(({ sender_id, session_id, away }) => `${sender_id} (${session_id})${away ? ', away' : ''}`)
        .join('\n')
    },
  },
  remove: {
    operands: ['ROOM', 'NAME'],
    async run(ask, room, username, ms) {
      const for_ms = ms === undefined ? {} : { for_ms: ms }
      const { status } = (await ask('admin.remove', { room, username, ...for_ms })) as { status: number }
      return status === 1 ? `${username} is out of ${room}.` : `Nobody in ${room} is called ${username}.`
    },
  },
  close: {
    operands: ['ROOM'],
    async run(ask, room) {
      const { removed } = (await ask('admin.close', { room })) as { removed: number }
      return `${room} is closed; ${removed} were there.`
    },
  },
  open: {
    operands: ['ROOM'],
    async run(ask, room) {
      const { status } = (await ask('admin.open', { room })) as { status: number }
      return status === 1 ? `${room} is open again.` : `${room} was not closed.`
    },
  },
}

export const admin = command({
  name: 'admin',
  help: `midsentence admin URL rooms
midsentence admin URL participants ROOM
midsentence admin URL remove ROOM NAME [--for SECONDS]
midsentence admin URL close ROOM
midsentence admin URL open ROOM

What the keeper of a server may do: list its rooms and who is in them, take somebody out, close a
room and open it again. It shows no drafts and no messages.

  URL                 The address of a midsentence server, as http://127.0.0.1:8890.
  --token-file FILE   The file with the keeper's token, the one that serve was started with.
                      Default: the environment's MIDSENTENCE_KEEPER_TOKEN_FILE.
  --for SECONDS       So long the name may not be used in the room again. Default: 600.
`,
  operands: ['URL', 'WHAT'],
  optional: ['ROOM', 'NAME'],
  options: { 'token-file': { type: 'string' }, for: { type: 'string' } },
  async run({ 'token-file': file = process.env.MIDSENTENCE_KEEPER_TOKEN_FILE, for: seconds }, url, what, ...rest) {
    const address = addressOf(url!, 'URL')
    const deed = Object.hasOwn(deeds, what!) ? deeds[what!]! : undefined
    if (!deed)
      throw usageError(`admin does not know ${JSON.stringify(what)}: there are ${Object.keys(deeds).join(', ')}.`)
    const missing = deed.operands[rest.length]
    if (missing !== undefined)
      throw usageError(`admin ${what} takes ${deed.operands.join(' and ')}: ${missing} is missing.`)
    if (rest.length > deed.operands.length) throw usageError(`admin ${what} takes no ${JSON.stringify(rest.at(-1))}.`)
    if (!file) throw usageError("You need the keeper's token, as in: --token-file keeper.token")
    const token = readSecret(file, '--token-file')
    const ms = seconds === undefined ? undefined : 1000 * secondsOf(seconds)
    const [room = '', name = ''] = rest
    const ask: Ask = (method, params = {}) => call(address, method, params, token, '/admin')
    process.stdout.write(`${await deed.run(ask, room, name, ms)}\n`)
    return 0
  },
})

function secondsOf(text: string): number {
  const seconds = Number(text)
  if (text.trim() !== '' && seconds >= 0 && Number.isFinite(seconds)) return seconds
  throw usageError(`--for takes a number of seconds, not ${JSON.stringify(text)}.`)
}
