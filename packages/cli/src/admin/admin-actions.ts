import type { ParticipantInfo, RoomInfo } from '@midsentence/core/hub'

/** Calls a method of the admin API, such as `rooms`, and resolves with its result. */
export type CallAdmin = (method: string, params?: object) => Promise<unknown>

export interface AdminAction {
  readonly operands: readonly string[]
  /** Resolves with the text to print. `ms` is the value of `--for`. */
  run(callAdmin: CallAdmin, room: string, username: string, ms: number | undefined): Promise<string>
}

export const adminActions: Readonly<Record<string, AdminAction>> = {
  rooms: {
    operands: [],
    async run(callAdmin) {
      const { rooms } = (await callAdmin('rooms')) as { rooms: readonly RoomInfo[] }
      if (rooms.length === 0) return 'The server has no open rooms.'
      return rooms
        .map(({ room, closed, participants, head }) =>
          closed ? `${room}: closed` : `${room}: ${participants} present, ${head} messages`,
        )
        .join('\n')
    },
  },
  participants: {
    operands: ['ROOM'],
    async run(callAdmin, room) {
      const { participants } = (await callAdmin('participants', { room })) as {
        participants: readonly ParticipantInfo[]
      }
      if (participants.length === 0) return `${room} is empty.`
      return participants
        .map(({ sender_id, session_id, away }) => `${sender_id} (${session_id})${away ? ', away' : ''}`)
        .join('\n')
    },
  },
  remove: {
    operands: ['ROOM', 'NAME'],
    async run(callAdmin, room, username, ms) {
      const for_ms = ms === undefined ? {} : { for_ms: ms }
      const { status } = (await callAdmin('remove', { room, username, ...for_ms })) as { status: number }
      return status === 1 ? `Removed ${username} from ${room}.` : `${room} has no participant named ${username}.`
    },
  },
  close: {
    operands: ['ROOM'],
    async run(callAdmin, room) {
      const { removed } = (await callAdmin('close', { room })) as { removed: number }
      return `Closed ${room}; participants removed: ${removed}.`
    },
  },
  open: {
    operands: ['ROOM'],
    async run(callAdmin, room) {
      const { status } = (await callAdmin('open', { room })) as { status: number }
      return status === 1 ? `Opened ${room}.` : `${room} was not closed.`
    },
  },
}
