import { useEffect, useMemo, useState } from 'preact/hooks'
import { ScoreAxis } from '../layout/axis.ts'
import { laneExtent } from '../layout/extent.ts'
import { shownLanes } from '../layout/layout.ts'
import type { TimelineItem } from '../model/model.ts'
import type { ScorePlayer } from '../model/player.ts'
import './panel.css'
import './lanes/lanes.css'
import './score.css'
import { TalkThen } from '../past/talk-then.tsx'
import { margins } from './lanes/geometry.ts'
import { ScoreLanes } from './lanes/score-lanes.tsx'
import { Legend } from './legend.tsx'
import { Panel } from './panel.tsx'
import { clockTime, dayOf } from './time.ts'
import { Choices, type ScoreChoices, SeeAs, TimeTravel } from './toolbar.tsx'
import { usePlayer } from './use-player.ts'
import { Announcer, WordsFeed } from './words-feed.tsx'

/** The views of a moment: the score, or the talk as it was then. */
export type MomentTab = 'past' | 'score'

/** What a link to a moment names. */
export interface ScoreLink {
  readonly position?: number
  readonly as?: string
}

export interface ScorePageProps {
  readonly player: ScorePlayer
  readonly tab: MomentTab
  /** A finished recording: there is nothing to follow. */
  readonly isRecording?: boolean
  /** What there is to say about the connection, such as that it is lost. */
  readonly status?: string | undefined
  /** Leads to the talk as it is now. */
  readonly talkLink?: string | undefined
  /** Shows only what this participant had been given. */
  readonly as?: string | undefined
  /** Called when a link would lead elsewhere. */
  readonly onLink?: (link: ScoreLink) => void
}

/** Room for a scroll bar, in units. */
const SCROLLBAR = 20

/** Below this width the axis is vertical. In units. */
const VERTICAL_BELOW = '(max-width: 29.99rem)'

/** Shows a room at a position: time travel, and lanes with what is selected and everything in words, or the talk. */
export function ScorePage(props: ScorePageProps) {
  const { player, tab, isRecording = false, status, talkLink, as: linkedAs, onLink } = props
  usePlayer(player)
  const [choices, setChoices] = useState<ScoreChoices>({
    axis: 'order',
    compressed: true,
    zoom: 1,
    as: linkedAs,
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
  useEffect(() => setChoices({ ...choices, as: linkedAs }), [linkedAs])
  useEffect(() => {
    onLink?.({ ...(!isLive && { position }), ...(choices.as !== undefined && { as: choices.as }) })
  }, [isLive ? undefined : player.speed ? undefined : position, choices.as, tab])
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
  if (tab === 'past')
    return (
      <div class="score past">
        <PastMark {...{ player, status, talkLink }} />
        <TimeTravel player={player} isRecording={isRecording} />
        <SeeAs choices={choices} lanes={model.lanes} onChange={setChoices} />
        <TalkThen {...{ model, position, as }} time={player.time ?? 0} />
        <Announcer {...{ model, position, as }} />
      </div>
    )
  return (
    <div class="score">
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
    </div>
  )
}

/** Says that this is not the room now, and that nothing can be written. */
const PastMark = ({
  player: { time, isLive },
  status,
  talkLink,
}: Pick<ScorePageProps, 'player' | 'status' | 'talkLink'>) => (
  <p class="past-mark">
    <span>
      {time === undefined ? (
        'Nothing is recorded here yet.'
      ) : isLive ? (
        <>
          <strong>Now, as an observer sees it.</strong> Move the slider to look at an earlier moment.
        </>
      ) : (
        <>
          <strong>
            The past: {dayOf(time)}, {clockTime(time)}.
          </strong>{' '}
          The room as it was then.
        </>
      )}{' '}
      Nothing can be written here.
      {status !== undefined && <strong> {status}</strong>}
    </span>
    {talkLink !== undefined && <a href={talkLink}>Back to the talk</a>}
  </p>
)

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
