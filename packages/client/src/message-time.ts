import type { Message, Seq } from '@midsentence/core'

/** The moment at which a model reads messages. */
export interface ReadingTime {
  /** Wall time in milliseconds since 1970. */
  readonly now: number
  /** Seq of the newest message that it sent, 0 for none. */
  readonly lastOwn: Seq
}

const MINUTE_MS = 60_000

/**
 * Returns the age of a message as words, such as `3 minutes`. Under a minute, and for a timestamp that is no time or in the
 * future, as of another machine's clock, returns "". Rounds down, above ten minutes to tens, so that few ages differ.
 */
export function ageText(timestamp: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(timestamp)) / MINUTE_MS)
  if (!(minutes >= 1)) return ''
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return count(minutes < 10 ? minutes : Math.floor(minutes / 10) * 10, 'minute')
  const days = Math.floor(hours / 24)
  if (days === 0) return count(hours, 'hour')
  return days <= 7 ? count(days, 'day') : 'more than a week'
}

/**
 * Returns when a message was said, such as `3 minutes ago, before your last message`. Returns "" for one of this minute that came
 * after the reader's last own message.
 */
export function whenText({ seq, timestamp }: Message, { now, lastOwn }: ReadingTime): string {
  const age = ageText(timestamp, now)
  return [...(age === '' ? [] : [`${age} ago`]), ...(seq < lastOwn ? ['before your last message'] : [])].join(', ')
}

/** Returns when a message was said of which `whenText` says nothing, after others of which it does. */
export function laterText({ timestamp }: Message, reading: ReadingTime | undefined): string {
  const age = reading ? reading.now - Date.parse(timestamp) : -1
  return age >= 0 ? 'just now' : 'after that'
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`
