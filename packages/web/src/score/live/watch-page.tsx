import { shownName } from '@midsentence/client'
import { RoomTabs } from '../../room/room-tabs.tsx'
import { useLazy } from '../../shared/lazy.ts'
import { roomLink } from '../../shared/route.ts'
import type { RoomScoreProps } from '../view/score-view.tsx'

/** Shows the past or the score of a room to somebody who has not joined it. Both are loaded when one is opened. */
export function WatchPage({ room, tab, query }: RoomScoreProps) {
  const View = useLazy(() => import('../view/score-view.tsx'))?.default
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
        <RoomTabs room={room} shown={tab} tabs={['past', 'score']} />
        <a href={roomLink(room)}>Join this room</a>
      </header>
      {View ? <View room={room} tab={tab} query={query} /> : <main aria-busy="true" />}
    </div>
  )
}
