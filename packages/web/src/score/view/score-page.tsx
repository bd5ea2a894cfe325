import { useEffect, useMemo, useState } from 'preact/hooks'
import { ScoreAxis } from '../layout/axis.ts'
import { laneExtent } from '../layout/extent.ts'
import { shownLanes } from '../layout/layout.ts'
import type { TimelineItem } from '../model/model.ts'
import type { ScorePlayer } from '../model/player.ts'
import './panel.css'
import './lanes/lanes.css'
import './score.css'
import { margins } from './lanes/geometry.ts'
import { ScoreLanes } from './lanes/score-lanes.tsx'
import { Legend } from './legend.tsx'
import { Panel } from './panel.tsx'
import { Choices, type ScoreChoices, TimeTravel } from './toolbar.tsx'
import { usePlayer } from './use-player.ts'
import { Announcer, WordsFeed } from './words-feed.tsx'

/** What a link to a score names. */
export interface ScoreLink {
  readonly position?: number
  readonly as?: string
}

export interface ScorePageProps {
  readonly player: ScorePlayer
  /** A finished recording: there is nothing to follow. */
  readonly isRecording?: boolean
  /** What there is to say about the connection, such as that it is lost. */
  readonly status?: string
  readonly as?: string
  /** Called when a link would lead elsewhere. */
  readonly onLink?: (link: ScoreLink) => void
}

/** Room for a scroll bar, in units. */
const SCROLLBAR = 20

/** Below this width the axis is vertical. In units. */
const VERTICAL_BELOW = '(max-width: 29.99rem)'

/** Shows a score at a position: lanes, what is selected, time travel, and everything in words. */
export function ScorePage({ player, isRecording = false, status, as: initialAs, onLink }: ScorePageProps) {
  usePlayer(player)
  const [choices, setChoices] = useState<ScoreChoices>({
    axis: 'order',
    compressed: true,
    zoom: 1,
    ...(initialAs !== undefined && { as: initialAs }),
  })
  const [selectedIndex, select] = useState<number | undefined>()
  const [hoveredIndex, hover] = useState<number | undefined>()
  const [isFollowing, follow] = useState(true)
  const { model, position, isLive } = player
  const isNarrow = useMedia(VERTICAL_BELOW)
  const orientation = isNarrow ? 'vertical' : 'horizontal'
  const lanes = shownLanes(model, choices, position).length
  const laneSize = laneExtent(orientation, lanes)
  const axis = useMemo(
    () =>
      new ScoreAxis({
        axis: choices.axis,
        compressed: choices.compressed,
        orientation,
        laneSize,
        ...(choices.shown && { shown: choices.shown }),
      }),
    [model, choices.axis, choices.compressed, choices.shown, orientation, laneSize],
  ).extend(model)
  const as = choices.as === undefined ? undefined : model.lanes.get(choices.as)
  const itemAt = (index: number | undefined): TimelineItem | undefined =>
    index === undefined ? undefined : model.items[index]
  const selected = itemAt(selectedIndex)
  const onSelect = (item: TimelineItem | undefined) => {
    if (item) follow(false)
    select(item?.index)
  }

  useEffect(() => {
    select(undefined)
    hover(undefined)
  }, [model])
  useEffect(() => {
    onLink?.({ ...(!isLive && { position }), ...(choices.as !== undefined && { as: choices.as }) })
  }, [isLive ? undefined : player.speed ? undefined : position, choices.as])
  useEffect(() => {
    if (player.speed) follow(true)
  }, [player.speed])

  const seek = (to: number) => {
    player.seek(to)
    follow(false)
  }
  const lanesHeight = lanes * laneSize + margins(orientation).across + SCROLLBAR
  const chosen = (
    <Choices choices={choices} lanes={model.lanes} isFollowing={isFollowing} onChange={setChoices} onFollow={follow} />
  )
  return (
    <section class="score" aria-label="Score">
      <Legend count={model.positions.length} status={status} isNarrow={isNarrow} />
      <TimeTravel player={player} isRecording={isRecording} />
      {isNarrow ? (
        <details>
          <summary>View{choices.as !== undefined && ': as one participant'}</summary>
          {chosen}
        </details>
      ) : (
        chosen
      )}
      <div class="score-body" style={{ '--lanes-height': `${lanesHeight / 16}rem` }}>
        <ScoreLanes
          {...{ model, axis, position, as, selected, isFollowing, onSelect }}
          zoom={choices.zoom}
          hovered={itemAt(hoveredIndex)}
          onHover={item => hover(item?.index)}
          onFollow={follow}
        />
        <Panel {...{ model, position, as, selected, onSelect }} onSeek={seek} />
      </div>
      <details class="score-in-words" open={!isNarrow}>
        <summary>Score in words</summary>
        <WordsFeed {...{ model, position, as, onSelect }} shown={choices.shown} />
      </details>
      <Announcer {...{ model, position, as }} />
    </section>
  )
}

function useMedia(query: string): boolean {
  const list = useMemo(() => matchMedia(query), [query])
  const [matches, setMatches] = useState(list.matches)
  useEffect(() => {
    const read = () => setMatches(list.matches)
    list.addEventListener('change', read)
    return () => list.removeEventListener('change', read)
  }, [list])
  return matches
}
