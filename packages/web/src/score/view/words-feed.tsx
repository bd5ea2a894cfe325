import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { describeItem } from '../model/describe.ts'
import type { Lane, ScoreTimeline, TimelineItem } from '../model/model.ts'
import { isVisibleTo, itemsAt } from '../model/moment.ts'
import { Sentence, textOfSentence } from './sentence.tsx'
import { clockTime } from './time.ts'

interface FeedProps {
  readonly model: ScoreTimeline
  readonly position: number
  readonly as: Lane | undefined
  readonly shown: ReadonlySet<string> | undefined
  readonly onSelect: (item: TimelineItem) => void
}

/** Sentences at first, and how many more a button adds. */
const SENTENCES = 30

/** Returns the newest items that the feed shows, oldest first, at most `most`, and whether there are more. */
function newestItems({ model, position, as, shown }: FeedProps, most: number) {
  const items: TimelineItem[] = []
  let index = itemsAt(model, position) - 1
  for (; index >= 0 && items.length < most; index--) {
    const item = model.items[index]!
    const isShown = !shown || !item.lane || shown.has(item.lane.name) || item.kind === 'message'
    if (isShown && (!as || isVisibleTo(as, item, position))) items.push(item)
  }
  return { items: items.reverse(), hasMore: index >= 0 }
}

/** The score in words, for readers and screen readers: the newest sentences, oldest first. */
export function WordsFeed(props: FeedProps) {
  const { position, onSelect } = props
  const [most, setMost] = useState(SENTENCES)
  const { items, hasMore } = newestItems(props, most)
  const feed = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  useLayoutEffect(() => {
    if (isAtEnd.current) feed.current!.scrollTop = feed.current!.scrollHeight
  })
  const onScroll = ({ currentTarget: { scrollTop, clientHeight, scrollHeight } }: { currentTarget: HTMLElement }) => {
    isAtEnd.current = scrollTop + clientHeight > scrollHeight - 24
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { PageDown: 1, PageUp: -1 }[event.key]
    const articles = [...feed.current!.querySelectorAll<HTMLElement>('article')]
    const from = articles.indexOf((event.target as Element).closest('article') as HTMLElement)
    if (!step) return
    event.preventDefault()
    articles[Math.min(Math.max(from + step, 0), articles.length - 1)]?.focus()
  }
  return (
    <>
      {hasMore && (
        <button type="button" onClick={() => setMost(most + 10 * SENTENCES)}>
          Show earlier
        </button>
      )}
      <div
        ref={feed}
        role="feed"
        aria-busy={items.length === 0}
        aria-label="Score in words"
        class="score-words"
        onKeyDown={onKeyDown}
        onScroll={onScroll}
      >
        {items.map((item, nth) => (
          <article
            key={item.index}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: articles of a feed take the focus.
            tabIndex={0}
            aria-label={textOfSentence(describeItem(item, position))}
            aria-posinset={nth + 1}
            aria-setsize={hasMore ? -1 : items.length}
            class={`score-sentence score-sentence-${item.kind}`}
            onKeyDown={({ key }) => key === 'Enter' && onSelect(item)}
          >
            <time dateTime={new Date(item.at).toISOString()}>{clockTime(item.at)}</time>{' '}
            <span>
              <Sentence of={describeItem(item, position)} />
            </span>
          </article>
        ))}
      </div>
    </>
  )
}

/** Least time between two announcements, in milliseconds. */
const QUIET_MS = 5000

/** Announces new messages and holds to screen readers, one at a time and not often: streaming text would flood them. */
export function Announcer({ model, position, as }: Pick<FeedProps, 'model' | 'position' | 'as'>) {
  const [text, setText] = useState('')
  const last = useRef({ position, at: 0 })
  const isNews = (item: TimelineItem) => item.kind === 'message' || (item.kind === 'mark' && item.type === 'held')
  useEffect(() => {
    // What is there when the view opens is no news.
    if (last.current.position === 0) {
      last.current.position = position
      return
    }
    const wait = Math.max(0, last.current.at + QUIET_MS - Date.now())
    const timer = setTimeout(() => {
      const news: TimelineItem[] = []
      for (let index = itemsAt(model, position) - 1; index >= 0; index--) {
        const item = model.items[index]!
        if (item.position <= last.current.position) break
        if (isNews(item) && (!as || isVisibleTo(as, item, position))) news.push(item)
      }
      last.current = { position, at: news.length > 0 ? Date.now() : last.current.at }
      if (news[0]) {
        const more = news.length > 1 ? ` And ${news.length - 1} more.` : ''
        setText(textOfSentence(describeItem(news[0], position)) + more)
      }
    }, wait)
    return () => clearTimeout(timer)
  }, [model, position, as])
  return (
    <p class="score-announcer" role="status">
      {text}
    </p>
  )
}
