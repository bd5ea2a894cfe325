const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const dayWithYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })

const parse = (timestamp: string): Date | undefined => {
  const date = new Date(timestamp)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** Returns the time of day, or "" for what is no time. */
export function timeText(timestamp: string): string {
  const date = parse(timestamp)
  return date ? time.format(date) : ''
}

/** Returns day and time in full. */
export function fullTimeText(timestamp: string): string {
  const date = parse(timestamp)
  return date ? full.format(date) : ''
}

/** Returns a key of the local day of a timestamp, the same for two times of one day. */
export const dayKey = (timestamp: string): string => parse(timestamp)?.toDateString() ?? ''

/** Returns the local day: `Today`, `Yesterday`, or its date. */
export function dayText(timestamp: string, now = new Date()): string {
  const date = parse(timestamp)
  if (!date) return ''
  const yesterday = new Date(now)
  yesterday.setDate(now.getDate() - 1)
  if (date.toDateString() === now.toDateString()) return 'Today'
  if (date.toDateString() === yesterday.toDateString()) return 'Yesterday'
  return (date.getFullYear() === now.getFullYear() ? day : dayWithYear).format(date)
}
