import type { View } from '@midsentence/core'
import { useState } from 'preact/hooks'
import { NameTag } from '../shared/name-tag.tsx'

/** The most names that are shown at first. */
const SHOWN = 100

export interface PeopleProps {
  readonly view: View
  readonly name: string
  /** Whether this page is one of those that watch, since it shows the score. */
  readonly isWatching: boolean
  readonly onClose: () => void
}

/** The participants who are here, those who write first. */
export function People({ view, name, isWatching, onClose }: PeopleProps) {
  const [showsAll, setShowsAll] = useState(false)
  const rank = (other: string) => (other === name ? 0 : view.writing.has(other) ? 1 : 2)
  const watchers = view.watchers - (isWatching ? 1 : 0)
  const all = [...view.present].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  const shown = showsAll ? all : all.slice(0, SHOWN)
  return (
    <aside class="people" id="people" aria-labelledby="people-heading">
      <div class="people-head">
        <h2 id="people-heading">Here now · {all.length}</h2>
        <button type="button" class="quiet people-close" onClick={onClose}>
          Close
        </button>
      </div>
      {watchers > 0 && (
        <p class="watchers">
          {watchers === 1 ? 'One visitor watches' : `${watchers} visitors watch`} without taking part.
        </p>
      )}
      <ul>
        {shown.map(each => (
          <li key={each}>
            <NameTag name={each} />
            {each === name && <span class="tag">you</span>}
            {view.writing.has(each) && <span class="tag writing">writing</span>}
          </li>
        ))}
      </ul>
      {shown.length < all.length && (
        <button type="button" class="quiet" onClick={() => setShowsAll(true)}>
          Show {all.length - shown.length} more
        </button>
      )}
    </aside>
  )
}
