import { type Message, MidsentenceError, type Participant } from '@midsentence/core'
import { RecentMessages } from './recent-messages.ts'
import type { RoomFeed } from './room-feed.ts'

/** Creates the feed of a participant of this process. `join` resolves with it. */
export function localFeed(join: () => Promise<Participant>): RoomFeed {
  const feeds = new WeakMap<Participant, RecentMessages>()
  const feedOf = (participant: Participant): RecentMessages => {
    const known = feeds.get(participant)
    if (known) return known
    // A late subscriber gets the messages from the join on, so this begins where the first one lies.
    let recent: RecentMessages | undefined
    const add = (message: Message) => {
      recent ??= new RecentMessages(message.seq - 1)
      recent.add(message)
    }
    const end = () => recent?.end(new MidsentenceError('session-unknown', 'You have left this room.'))
    const subscription = participant.messages$.subscribe({ next: add, complete: () => queueMicrotask(end) })
    recent ??= new RecentMessages(participant.view.cursor)
    if (subscription.closed) end()
    feeds.set(participant, recent)
    return recent
  }
  return {
    async read() {
      const participant = await join()
      const { name, view, state } = participant
      const { room } = state.session!
      return { room, name, cursor: view.cursor, recent: feedOf(participant), release: () => {} }
    },
  }
}
