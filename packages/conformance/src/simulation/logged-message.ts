import type { Message, RoomLog } from '@midsentence/core'

/** A message with the session that sent it and the key of its push. */
export interface LoggedMessage extends Message {
  readonly session: string
  readonly key: string
}

/** Returns the messages of a room's log with their sessions and keys. */
export async function loggedMessages(log: RoomLog): Promise<readonly LoggedMessage[]> {
  const messages = await log.messages('lobby', 0, Number.POSITIVE_INFINITY)
  const logged: LoggedMessage[] = []
  for await (const record of log.records('lobby')) {
    if (record.type === 'message')
      logged.push({ ...messages[logged.length]!, session: record.session, key: record.key })
  }
  return logged
}
