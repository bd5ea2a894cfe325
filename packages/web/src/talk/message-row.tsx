import type { Message } from '@midsentence/core'
import { useState } from 'preact/hooks'
import { isMarkdown } from '../markdown/is-markdown.ts'
import { RichText } from '../markdown/rich-text.tsx'
import { memoised } from '../shared/memo-row.tsx'
import { NameTag } from '../shared/name-tag.tsx'
import { fullTimeText, timeText } from './time-text.ts'

/** A longer message is folded: its first characters, or lines, are shown. */
const [FOLD_CHARACTERS, FOLD_LINES] = [1200, 16]

export interface MessageRowProps {
  readonly message: Message
  readonly isOwn: boolean
  /** Whether the row shows who speaks: a row that follows one of the same sender does not. */
  readonly showsName: boolean
  /** Its position in the conversation, from 1, and the number of rows. */
  readonly position: number
}

export const MessageRow = memoised(function Row({ message, isOwn, showsName, position }: MessageRowProps) {
  const { sender_id, content, timestamp, crossed = [], crossed_more = 0 } = message
  const [isOpen, setIsOpen] = useState(false)
  const [raw, setRaw] = useState(false)
  const folded = foldedText(content)
  const text = isOpen || folded === undefined ? content : folded
  const crossedCount = crossed.length + crossed_more
  return (
    <article
      class={`message ${isOwn ? 'own' : ''} ${showsName ? 'first' : ''}`}
      aria-posinset={position}
      aria-setsize={-1}
      aria-labelledby={`by-${message.message_id}`}
      tabIndex={-1}
    >
      <header class={showsName ? '' : 'hidden-name'} id={`by-${message.message_id}`}>
        <NameTag name={sender_id} />
        {isOwn && <span class="tag">you</span>}{' '}
        <time dateTime={timestamp} title={fullTimeText(timestamp)}>
          {timeText(timestamp)}
        </time>
      </header>
      <RichText text={text} raw={raw} />
      {crossedCount > 0 && (
        <p class="crossed">
          Written without having read {crossedCount === 1 ? 'one message' : `${crossedCount} messages`} above.
        </p>
      )}
      <div class="message-actions">
        {folded !== undefined && (
          <button type="button" class="quiet" aria-expanded={isOpen} onClick={() => setIsOpen(on => !on)}>
            {isOpen ? 'Fold' : `Show all ${content.length.toLocaleString()} characters`}
          </button>
        )}
        {isMarkdown(content) && (
          <button type="button" class="quiet raw" aria-pressed={raw} onClick={() => setRaw(on => !on)}>
            Raw text
          </button>
        )}
      </div>
    </article>
  )
})

/** Returns the beginning of a long text, or undefined for one that is shown whole. */
function foldedText(content: string): string | undefined {
  let end = Math.min(content.length, FOLD_CHARACTERS)
  let at = -1
  for (let lines = 0; lines < FOLD_LINES; lines++) {
    at = content.indexOf('\n', at + 1)
    if (at < 0) break
  }
  if (at >= 0) end = Math.min(end, at)
  // A little more is not worth a fold.
  if (content.length - end < 200) return undefined
  return `${content.slice(0, end).replace(/[\ud800-\udbff]$/, '')} …`
}
