import { draftNotice, inLine, shownName } from '@midsentence/client'
import type { ComponentType } from 'preact'
import { useState } from 'preact/hooks'
import { useLazy } from '../shared/lazy.ts'
import type { RoomTab } from '../shared/route.ts'
import { useStore } from '../shared/store.ts'
import { Announcer } from '../talk/announcer.tsx'
import { Composer } from '../talk/composer.tsx'
import { Conversation } from '../talk/conversation.tsx'
import { People } from './people.tsx'
import type { RoomSession } from './room-session.ts'
import { RoomTabs } from './room-tabs.tsx'

/** What a view of the score gets. */
export interface ScoreViewProps {
  readonly room: string
  readonly tab: Exclude<RoomTab, 'talk'>
  /** The part of the link after `?`, such as `at=7`. */
  readonly query: string
}

/** The view of the score, loaded when it is opened. Its tab is there once the file is. */
const scoreViews = import.meta.glob<{ readonly default: ComponentType<ScoreViewProps> }>('../score/view/score-view.tsx')
const loadScore = Object.values(scoreViews)[0]

export interface RoomViewProps {
  readonly session: RoomSession
  readonly tab: RoomTab
  readonly query: string
  readonly onLeave: () => void
  readonly onAgain: () => void
}

/** One room: its head, the conversation and the composer, or what they were, or the score. */
export function RoomView({ session, tab, query, onLeave, onAgain }: RoomViewProps) {
  const { view, phase, problem, name } = useStore(session)
  const [showsPeople, setShowsPeople] = useState(false)
  const { room } = session
  const shownTab = loadScore ? tab : 'talk'
  if (!view) return null
  const others = view.present.size - (view.present.has(name) ? 1 : 0)
  return (
    <div class={`room ${showsPeople ? 'shows-people' : ''} in-${shownTab}`}>
      <header class="room-head">
        <a href="#/" class="back" aria-label="All rooms" title="All rooms">
          ‹
        </a>
        <div class="room-title">
          <h1>
            <bdi>{shownName(room)}</bdi>
          </h1>
          <Connection link={view.link} phase={phase} />
        </div>
        {loadScore && (
          <RoomTabs room={room} shown={shownTab} tabs={view.recorded ? ['talk', 'past', 'score'] : ['talk', 'score']} />
        )}
        <button
          type="button"
          class="people-button"
          aria-expanded={showsPeople}
          aria-controls="people"
          onClick={() => setShowsPeople(on => !on)}
        >
          {others === 0 ? 'Only you' : `You and ${others}`}
        </button>
        <button type="button" onClick={onLeave}>
          Leave
        </button>
      </header>
      {shownTab !== 'talk' ? (
        <Score room={room} tab={shownTab} query={query} />
      ) : (
        <main class="talk" aria-label="Talk">
          {view.observable && <p class="strip">{draftNotice(view)}</p>}
          <Conversation session={session} />
          {phase === 'ended' ? (
            <div class="composer ended" role="status">
              <p>{problem}</p>
              <button type="button" class="primary" onClick={onAgain}>
                Join again
              </button>
            </div>
          ) : (
            <Composer session={session} />
          )}
        </main>
      )}
      {shownTab !== 'past' && (
        <People view={view} name={name} isWatching={shownTab === 'score'} onClose={() => setShowsPeople(false)} />
      )}
      <Announcer session={session} isSilent={shownTab !== 'talk'} />
    </div>
  )
}

function Connection({
  link,
  phase,
}: {
  readonly link: { state: string; reason?: string; notice?: string }
  readonly phase: string
}) {
  if (phase === 'ended')
    return (
      <span class="link down" role="status">
        Ended
      </span>
    )
  if (link.state === 'up')
    return (
      <span class="link" role="status" title={link.notice && inLine(link.notice)}>
        Connected
      </span>
    )
  return (
    <span class="link down" role="status" title={inLine(link.reason ?? '')}>
      Reconnecting … your draft is safe
    </span>
  )
}

function Score(props: ScoreViewProps) {
  const View = useLazy(loadScore)?.default
  return View ? <View {...props} /> : <main class="talk" aria-busy="true" />
}
