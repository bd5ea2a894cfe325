/** Messages of one sender within this time stand below one name. */
const GROUP_MS = 5 * 60_000

interface Said {
  readonly seq: number
  readonly sender_id?: string
  readonly timestamp?: string
}

/** Returns whether a message is shown below the name of the one before it. */
export const isSameGroup = (previous: Said | undefined, { sender_id, timestamp = '' }: Said): boolean =>
  previous?.sender_id === sender_id && Date.parse(timestamp) - Date.parse(previous?.timestamp ?? '') < GROUP_MS

/** Page Up enters the feed at its newest message. */
export function enterFeed(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  if (event.key !== 'PageUp' || event.target !== event.currentTarget) return
  const newest = [...event.currentTarget.querySelectorAll('article')].at(-1)
  if (!newest) return
  event.preventDefault()
  newest.focus()
}

/** Page Up and Page Down walk from message to message, as the feed pattern of ARIA asks. */
export function moveFocus(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const step = { PageUp: -1, PageDown: 1, ArrowUp: -1, ArrowDown: 1 }[event.key]
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('article')]
  const at = rows.indexOf(document.activeElement?.closest('article') as HTMLElement)
  if (step === undefined || at < 0 || event.target !== rows[at]) return
  event.preventDefault()
  rows[at + step]?.focus()
}
