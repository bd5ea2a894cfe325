import type { ParticipantInfo, RoomList } from '@midsentence/core/hub'

/** Calls a method of the admin API, such as `rooms`, and resolves with its result. */
export type CallAdmin = (method: string, params?: object) => Promise<unknown>

export interface AdminAction {
  readonly operands: readonly string[]
  /** Resolves with the text to print. `ms` is the value of `--for`. */
  run(callAdmin: CallAdmin, room: string, username: string, ms: number | undefined): Promise<string | PartialAnswer>
}

/** What is known, and a sentence on what is missing. */
export interface PartialAnswer {
  readonly text: string
  readonly problem: string
}

export const adminActions: Readonly<Record<string, AdminAction>> = {
  rooms: {
    operands: [],
    async run(callAdmin) {
      const { rooms, silent = [] } = (await callAdmin('rooms')) as RoomList
      if (rooms.length + silent.length === 0) return 'The server has no open rooms.'
      const { inLine } = await import('@midsentence/client')
      const text = rooms
        .map(({ room, closed, participants, head, hushed, server }) => {
          const state = closed
            ? 'closed'
            : `${participants} present, ${head} messages${hushed ? ', models silent' : ''}`
          return inLine(`${room}: ${state}${server === undefined ? '' : `, at ${server}`}`)
        })
        .join('\n')
      if (silent.length === 0) return text
      const names = silent.map(name => inLine(name)).join(', ')
      return { text, problem: `No answer came from ${names}, whose rooms are missing in this list: try again.` }
    },
  },
  participants: {
    operands: ['ROOM'],
    async run(callAdmin, room) {
      const { participants } = (await callAdmin('participants', { room })) as {
        participants: readonly ParticipantInfo[]
      }
      if (participants.length === 0) return `${room} is empty.`
      const { inLine, shownName } = await import('@midsentence/client')
      return participants
        .map(
          ({ sender_id, session_id, away, writing }) =>
            `${shownName(sender_id)} (${inLine(String(session_id))})${away ? ', away' : ''}${writing ? ', writing' : ''}`,
        )
        .join('\n')
    },
  },
  remove: {
    operands: ['ROOM', 'NAME'],
    async run(callAdmin, room, username, ms) {
      const { quotedName } = await import('@midsentence/core')
      const for_ms = ms === undefined ? {} : { for_ms: ms }
      const { status } = (await callAdmin('remove', { room, username, ...for_ms })) as { status: number }
      return status === 1
        ? `Removed ${quotedName(username)} from ${room}.`
        : `${room} has no participant named ${quotedName(username)}.`
    },
  },
  close: {
    operands: ['ROOM'],
    async run(callAdmin, room) {
      const { removed } = (await callAdmin('close', { room })) as { removed: number }
      return `Closed ${room}; participants removed: ${Number(removed)}.`
    },
  },
  open: {
    operands: ['ROOM'],
    async run(callAdmin, room) {
      const { status } = (await callAdmin('open', { room })) as { status: number }
      return status === 1 ? `Opened ${room}.` : `${room} was not closed.`
    },
  },
  hush: {
    operands: ['ROOM'],
    async run(callAdmin, room) {
      const { status } = (await callAdmin('hush', { room, on: true })) as { status: number }
      return `The models of ${room} ${status === 1 ? 'are' : 'were already'} silent until a person sends a message.`
    },
  },
  unhush: {
    operands: ['ROOM'],
    async run(callAdmin, room) {
      const { status } = (await callAdmin('hush', { room, on: false })) as { status: number }
      return status === 1 ? `The models of ${room} may speak again.` : `The models of ${room} were not silent.`
    },
  },
  erase: {
    operands: ['ROOM'],
    async run(callAdmin, room) {
      const { status } = (await callAdmin('erase', { room })) as { status: number }
      return status === 1 ? `Erased the score of ${room}. Its messages are kept.` : `${room} has no score.`
    },
  },
}
