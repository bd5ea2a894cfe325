import { type Message, MidsentenceError, type Participant } from '@midsentence/core'
import { RecentMessages } from './recent-messages.ts'
import type { RoomFeed } from './room-feed.ts'

/** Creates the feed of a participant of this process. `join` resolves with it. */
export function localFeed(join: () => Promise<Participant>): RoomFeed {
  const feeds = new WeakMap<Participant, RecentMessages>()
  const feedOf = (participant: Participant): RecentMessages => {
    const known = feeds.get(participant)
    if (known) return known
    const logOf = () => participant.state.session!.log
    // A late subscriber gets the messages from the join on, so this begins where the first one lies.
    let recent: RecentMessages | undefined
    const add = (message: Message) => {
      const start = { log: logOf(), seq: message.seq - 1 }
      recent ??= new RecentMessages(start)
      // The server lost its rooms, and the participant joined again: seqs start again.
      if (recent.log !== start.log) recent.restart(start)
      recent.add(message)
    }
    const end = () => recent?.end(new MidsentenceError('session-unknown', 'You have left this room.'))
    const subscription = participant.messages$.subscribe({ next: add, complete: () => queueMicrotask(end) })
    recent ??= new RecentMessages({ log: logOf(), seq: participant.view.cursor })
    if (subscription.closed) end()
    feeds.set(participant, recent)
    return recent
  }
  return {
    async read() {
      const participant = await join()
      const { name, view, state } = participant
      const { room, log } = state.session!
      const cursor = { log, seq: view.cursor }
      const recent = feedOf(participant)
      if (recent.log !== log) recent.restart(cursor)
      return { room, name, cursor, recent, release: () => {} }
    },
  }
}
