import { Fragment } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { type ConversationRow, firstAbove, messagesAbove } from '../room/entries.ts'
import type { RoomSession } from '../room/room-session.ts'
import { useStore } from '../shared/store.ts'
import { enterFeed, isSameGroup, moveFocus } from './feed.ts'
import { MessageRow } from './message-row.tsx'
import { dayKey, dayText } from './time-text.ts'

/** Rows that are mounted at first and are added at a time, and the most that are. */
const [PAGE, MOUNTED] = [100, 300]
/** Closer to the end than this, in pixels, the newest message counts as shown. */
const NEAR_END = 48

/** The messages of the room. It stays at the newest message, unless the person scrolls up. */
export function Conversation({ session }: { readonly session: RoomSession }) {
  const { entries, name, writingSince, unreadFrom, readThrough } = useStore(session)
  const scroller = useRef<HTMLElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const [isAtEnd, setIsAtEnd] = useState(true)
  /** The last mounted row, from the end. */
  const [hidden, setHidden] = useState(0)
  const [count, setCount] = useState(PAGE)
  const stick = useRef(true)
  const size = useRef({ scrollHeight: 0, clientHeight: 0 })
  const end = Math.max(0, entries.length - hidden)
  const start = Math.max(0, end - count)

  useEffect(() => {
    const update = () => session.setShown(document.visibilityState === 'visible', isAtEnd && hidden === 0)
    update()
    document.addEventListener('visibilitychange', update)
    return () => document.removeEventListener('visibilitychange', update)
  }, [session, isAtEnd, hidden])
  // Another view of the room does not show the newest messages.
  useEffect(() => () => session.setShown(false, false), [session])

  const toEnd = () => {
    const element = scroller.current
    if (element) element.scrollTop = element.scrollHeight
  }
  useLayoutEffect(() => {
    if (stick.current) toEnd()
  }, [entries, hidden, writingSince])
  useEffect(() => {
    // Markdown that has loaded and a growing composer change the heights too.
    const observer = new ResizeObserver(() => {
      if (stick.current) toEnd()
    })
    observer.observe(list.current!)
    observer.observe(scroller.current!)
    return () => observer.disconnect()
  }, [])

  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = scroller.current!
    const isResized = scrollHeight !== size.current.scrollHeight || clientHeight !== size.current.clientHeight
    size.current = { scrollHeight, clientHeight }
    // A composer that grows moves the end away. The person has not scrolled.
    if (stick.current && isResized) {
      setIsAtEnd(true)
      return toEnd()
    }
    const near = scrollHeight - scrollTop - clientHeight < NEAR_END
    stick.current = near && hidden === 0
    setIsAtEnd(near)
    if (near && hidden > 0) setHidden(Math.max(0, hidden - PAGE))
  }
  const showEarlier = () => {
    stick.current = false
    const first = list.current?.querySelector('article')
    const before = first?.getBoundingClientRect().top ?? 0
    const next = Math.min(count + PAGE, MOUNTED)
    setCount(next)
    if (count + PAGE > MOUNTED) setHidden(hidden + PAGE)
    // What was on top stays where it was.
    requestAnimationFrame(() => {
      if (first?.isConnected) scroller.current!.scrollTop += first.getBoundingClientRect().top - before
    })
  }
  const showNewest = () => {
    stick.current = true
    setHidden(0)
    setCount(PAGE)
    requestAnimationFrame(toEnd)
  }

  const arrivedAt = writingSince === undefined ? -1 : firstAbove(entries, writingSince, name)
  const unread = messagesAbove(entries, readThrough, name).length
  const shown = entries.slice(start, end)
  const row = (entry: ConversationRow, at: number) => {
    const index = start + at
    const previous = entries[index - 1]
    if (entry.kind === 'notice')
      return (
        <p class="notice" key={entry.key}>
          {entry.text}
        </p>
      )
    const { message } = entry
    const isNewDay =
      previous?.kind !== 'message' || dayKey(previous.message.timestamp) !== dayKey(message.timestamp) || at === 0
    const isArrived = arrivedAt >= 0 && index >= arrivedAt && message.sender_id !== name
    const marks = isNewDay || index === arrivedAt || entry.key === unreadFrom
    return (
      <Fragment key={entry.key}>
        {isNewDay && (
          <p class="day">
            <span>{dayText(message.timestamp)}</span>
          </p>
        )}
        {entry.key === unreadFrom && (
          <p class="mark unread">
            <span>New since you looked away</span>
          </p>
        )}
        {index === arrivedAt && (
          <p class="mark arrived">
            <span>Arrived while you were writing</span>
          </p>
        )}
        <div class={isArrived ? `arrived-row ${message.seq > readThrough ? 'unread-row' : ''}` : ''}>
          <MessageRow
            message={message}
            isOwn={message.sender_id === name}
            showsName={marks || previous?.kind !== 'message' || !isSameGroup(previous.message, message)}
            position={index + 1}
          />
        </div>
      </Fragment>
    )
  }

  return (
    <div class="conversation">
      <section
        class="scroller"
        ref={scroller}
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
        tabIndex={0}
        aria-label="Conversation"
        onKeyDown={enterFeed}
      >
        {start > 0 && (
          <button type="button" class="quiet earlier" onClick={showEarlier}>
            Show earlier messages
          </button>
        )}
        <div class="rows" ref={list}>
          {shown.length === 0 ? (
            <Empty />
          ) : (
            <div role="feed" aria-label="Messages" onKeyDown={moveFocus}>
              {shown.map(row)}
            </div>
          )}
        </div>
      </section>
      {(!isAtEnd || hidden > 0) && (
        <button type="button" class="to-end" onClick={showNewest}>
          {unread > 0 ? `${unread} new ${unread === 1 ? 'message' : 'messages'}` : 'Newest messages'} ↓
        </button>
      )}
    </div>
  )
}

const Empty = () => (
  <div class="empty">
    <p>Nothing was said here yet, or not since you came.</p>
    <p>
      Write below. Each Enter adds a segment to your draft. Send it when it is whole: if somebody said something
      meanwhile that you have not read, it is held, and you can change it first.
    </p>
  </div>
)
