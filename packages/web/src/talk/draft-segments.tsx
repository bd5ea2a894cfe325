import { printable } from '@midsentence/client'
import { type Draft, segmentsOf } from '@midsentence/core'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** The most segments that are shown at first, from the end. */
const SHOWN = 60

export interface DraftSegmentsProps {
  readonly draft: Draft
  /** Whether observers of the room see the draft. */
  readonly isObserved: boolean
  readonly onUndo: () => void
}

/** The draft as its segments, the newest of which can be taken back. */
export function DraftSegments({ draft, isObserved, onUndo }: DraftSegmentsProps) {
  const [showsAll, setShowsAll] = useState(false)
  const list = useRef<HTMLOListElement>(null)
  useLayoutEffect(() => {
    const element = list.current!
    element.scrollTop = element.scrollHeight
  }, [draft])
  const segments = segmentsOf(draft)
  const from = showsAll ? 0 : Math.max(0, segments.length - SHOWN)
  return (
    <div class="draft">
      <div class="draft-head">
        <h2>Your draft</h2>
        <span>{isObserved ? 'observers see it too' : 'only you see it'}</span>
        <button type="button" class="quiet" onClick={onUndo}>
          Take back
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <ol class="segments" ref={list} dir="auto" tabIndex={0} aria-label="Segments of your draft" start={from + 1}>
        {from > 0 && (
          <li class="more-segments">
            <button type="button" class="quiet" onClick={() => setShowsAll(true)}>
              {from} earlier segments
            </button>
          </li>
        )}
        {segments.slice(from).map(({ text }, at) => (
          <li class="segment" key={from + at} data-testid="segment">
            {printable(text)}
          </li>
        ))}
      </ol>
    </div>
  )
}
