import { mentionPattern, renderMessages, shownName } from '@midsentence/client'
import type { Message } from '@midsentence/core'
import type { Palette } from '../palette.ts'

export interface MessageFormat {
  /** The reader's own name. */
  readonly name: string
  readonly paint: Palette
  /** Whether each message begins with its time. */
  readonly times: boolean
}

/** Formats messages for a person: names in colours, the reader's own name marked, times if wanted. */
export function formatMessages(messages: readonly Message[], { name, paint, times }: MessageFormat): string {
  const mention = mentionPattern(name)
  return messages
    .map(message => {
      const sender = shownName(message.sender_id)
      const content = renderMessages([message]).slice(sender.length)
      const marked = message.sender_id === name ? content : content.replace(mention, found => paint.mention(found))
      return `${times ? `${paint.dim(timeOf(message))} ` : ''}${paint.name(message.sender_id, sender)}${marked}`
    })
    .join('\n')
}

/** Returns the local time of a message as `14:05`. */
function timeOf({ timestamp }: Message): string {
  const time = new Date(timestamp)
  return [time.getHours(), time.getMinutes()].map(part => String(part).padStart(2, '0')).join(':')
}
