import { inLine, shownName } from '@midsentence/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { messagesAbove } from '../room/entries.ts'
import type { RoomSession } from '../room/room-session.ts'
import { useStore } from '../shared/store.ts'

/** The least time between two announcements, in milliseconds: a screen reader must get to the end of one. */
const PAUSE_MS = 5000
const MAX_SPOKEN = 160

/** Tells of new messages, unless another view does: the page's title counts them; a screen reader hears a few together, and the last one in short. */
export function Announcer({ session, isSilent }: { readonly session: RoomSession; readonly isSilent: boolean }) {
  const { entries, readThrough, name } = useStore(session)
  const unread = messagesAbove(entries, readThrough, name).length
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${session.room} · midsentence`
  }, [session, unread])
  const [text, setText] = useState('')
  const told = useRef(session.state.readThrough)
  useEffect(() => {
    if (isSilent) return setText('')
    let timer: ReturnType<typeof setTimeout> | undefined
    let last = -PAUSE_MS
    const tell = () => {
      timer = undefined
      const { entries, name } = session.state
      const news = messagesAbove(entries, told.current, name)
      const newest = news.at(-1)
      if (!newest) return
      told.current = newest.seq
      last = performance.now()
      const said = `${shownName(newest.sender_id)}: ${inLine(newest.content).slice(0, MAX_SPOKEN)}`
      setText(news.length === 1 ? said : `${news.length} new messages. The last, from ${said}`)
    }
    const update = () => {
      timer ??= setTimeout(tell, Math.max(0, last + PAUSE_MS - performance.now()))
    }
    const stop = session.subscribe(update)
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [session, isSilent])
  return (
    <div class="visually-hidden" aria-live="polite" aria-atomic="true" data-testid="announcer">
      {text}
    </div>
  )
}
