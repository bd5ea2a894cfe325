import { shownName } from '@midsentence/client'
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { roomLink } from '../../shared/route.ts'
import type { RoomScoreProps } from '../view/score-view.tsx'

/** Shows the score of a room to somebody who has not joined it. The score is loaded when it is opened. */
export function WatchPage({ room, query }: RoomScoreProps) {
  const [View, setView] = useState<ComponentType<RoomScoreProps>>()
  useEffect(() => {
    void import('../view/score-view.tsx').then(module => setView(() => module.default))
  }, [])
  return (
    <div class="score-watch">
      <header class="room-head">
        <a href="#/" class="back" aria-label="All rooms" title="All rooms">
          ‹
        </a>
        <div class="room-title">
          <h1>
            <bdi>{shownName(room)}</bdi>
          </h1>
          <span>You watch, and take no part.</span>
        </div>
        <a href={roomLink(room)}>Join this room</a>
      </header>
      {View ? <View room={room} query={query} /> : <main aria-busy="true" />}
    </div>
  )
}
