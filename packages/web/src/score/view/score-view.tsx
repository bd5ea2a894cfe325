import { useEffect, useState } from 'preact/hooks'
import { roomLink } from '../../shared/route.ts'
import { followRoom } from '../live/follow-room.ts'
import { ScorePlayer } from '../model/player.ts'
import { type MomentTab, type ScoreLink, ScorePage } from './score-page.tsx'

export interface RoomScoreProps {
  readonly room: string
  readonly tab: MomentTab
  /** The part of the link after `?`, such as `at=7&as=Ada`. */
  readonly query: string
}

/** A room over time, as a score or as the talk at a moment: all that is kept of it, then live. */
export default function RoomScore({ room, tab, query }: RoomScoreProps) {
  const [player] = useState(() => new ScorePlayer())
  const [status, setStatus] = useState<string>()
  const link = parseLink(query)
  // A tab of this view keeps the moment, since its link names none.
  const [as, setAs] = useState(link.as)
  useEffect(() => {
    if (query === '') return
    setAs(link.as)
    if (player.model.last > 0) player.seek(link.position)
  }, [player, query])
  useEffect(() => {
    let isFirst = true
    return followRoom(room, {
      records(batch) {
        player.add(batch)
        if (isFirst && link.position !== undefined) player.seek(link.position)
        isFirst = false
      },
      restarted: () => player.clear(),
      status: setStatus,
    })
  }, [player, room])
  const onLink = (next: ScoreLink) => {
    history.replaceState(null, '', roomLink(room, tab) + queryOf(next))
  }
  return (
    <main class="score-room" aria-label={tab === 'past' ? 'Past' : 'Score'}>
      <ScorePage {...{ player, tab, as, status, onLink }} talkLink={roomLink(room)} />
    </main>
  )
}

function parseLink(query: string): ScoreLink {
  const values = new URLSearchParams(query)
  const [position, as] = [Number(values.get('at')), values.get('as')]
  return { ...(Number.isSafeInteger(position) && position > 0 && { position }), ...(as && { as }) }
}

function queryOf({ position, as }: ScoreLink): string {
  const values = new URLSearchParams()
  if (position !== undefined) values.set('at', String(position))
  if (as !== undefined) values.set('as', as)
  return values.size === 0 ? '' : `?${values}`
}
