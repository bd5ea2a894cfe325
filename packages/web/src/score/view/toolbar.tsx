import { shownName } from '@midsentence/client'
import { useState } from 'preact/hooks'
import type { AxisOptions } from '../layout/axis.ts'
import type { Lane } from '../model/model.ts'
import type { PlaySpeed, ScorePlayer } from '../model/player.ts'
import { countUpTo } from '../model/search.ts'
import { clockTime, dayOf, duration } from './time.ts'

const speeds: readonly PlaySpeed[] = [1, 4, 16]

/** Moves through the recorded past. */
export function TimeTravel({ player, isRecording }: { readonly player: ScorePlayer; readonly isRecording: boolean }) {
  const { model, position, time } = player
  const count = model.positions.length
  const nth = countUpTo(model.positions, position, at => at)
  const when = time === undefined ? 'nothing recorded yet' : `${dayOf(time)}, ${clockTime(time)}`
  const isAtEnd = nth >= count
  return (
    <fieldset class="score-travel" aria-label="Time travel">
      <button
        type="button"
        class="score-main-button"
        disabled={count < 2}
        onClick={() => (player.speed ? player.pause() : player.play(1))}
      >
        {player.speed ? 'Pause' : 'Play'}
      </button>
      <span class="score-stops">
        <span>speed</span>
        {speeds.map(speed => (
          <button
            type="button"
            key={speed}
            disabled={count < 2}
            aria-pressed={player.speed === speed}
            aria-label={`Play at ${speed} times the speed`}
            title={`Play at ${speed} times the speed`}
            onClick={() => player.play(speed)}
          >
            {speed}×
          </button>
        ))}
      </span>
      <input
        type="range"
        aria-label="Position in the recording"
        aria-valuetext={`${when}, record ${nth} of ${count}`}
        min={1}
        max={Math.max(1, count)}
        value={Math.max(1, nth)}
        disabled={count < 2}
        onInput={event => player.seek(model.positions[Number(event.currentTarget.value) - 1])}
      />
      <Stops name="hold" stops={model.holds} player={player} />
      <Stops name="crossing" stops={model.crossings} player={player} />
      {!isRecording && (
        <button type="button" class="score-live" aria-pressed={player.isLive} onClick={() => player.seek(undefined)}>
          Live
        </button>
      )}
      <span class="score-when">
        {when} · {nth} of {count}
        {player.skippedMs > 0 && <em> · skipping {duration(player.skippedMs)} in which nothing happened</em>}
        {!player.speed && !player.isLive && isAtEnd && ' · end of the recording'}
      </span>
    </fieldset>
  )
}

interface StopsProps {
  readonly name: string
  readonly stops: readonly { readonly position: number }[]
  readonly player: ScorePlayer
}

function Stops({ name, stops, player }: StopsProps) {
  const { position } = player
  const before = countUpTo(stops, position - 1, at => at.position)
  const upTo = countUpTo(stops, position, at => at.position)
  return (
    <span class="score-stops">
      <button
        type="button"
        aria-label={`Previous ${name}`}
        disabled={before === 0}
        onClick={() => player.seekAmong(stops, -1)}
      >
        ‹
      </button>
      <span>
        {name} {upTo}/{stops.length}
      </span>
      <button
        type="button"
        aria-label={`Next ${name}`}
        disabled={upTo === stops.length}
        onClick={() => player.seekAmong(stops, 1)}
      >
        ›
      </button>
    </span>
  )
}

export interface ScoreChoices extends Pick<AxisOptions, 'axis' | 'compressed' | 'shown'> {
  readonly zoom: number
  readonly as?: string | undefined
}

interface ChoicesProps {
  readonly choices: ScoreChoices
  readonly lanes: ReadonlyMap<string, Lane>
  readonly isFollowing: boolean
  readonly onChange: (choices: ScoreChoices) => void
  readonly onFollow: (isFollowing: boolean) => void
}

export const ZOOMS = [0.25, 0.5, 0.75, 1, 1.5, 2]

/** Chooses what is drawn, and how. */
export function Choices({ choices, lanes, isFollowing, onChange, onFollow }: ChoicesProps) {
  const zoomBy = (step: number) => {
    const next = ZOOMS[ZOOMS.indexOf(choices.zoom) + step]
    if (next) onChange({ ...choices, zoom: next })
  }
  return (
    <fieldset class="score-choices" aria-label="View">
      <SeeAs choices={choices} lanes={lanes} onChange={onChange} />
      <label>
        Axis{' '}
        <select
          value={choices.axis}
          onChange={({ currentTarget: { value } }) =>
            onChange({ ...choices, axis: value === 'time' ? 'time' : 'order' })
          }
        >
          <option value="order">order</option>
          <option value="time">time</option>
        </select>
      </label>
      {choices.axis === 'time' && (
        <label>
          <input
            type="checkbox"
            checked={choices.compressed}
            onChange={({ currentTarget: { checked } }) => onChange({ ...choices, compressed: checked })}
          />{' '}
          shorten pauses
        </label>
      )}
      <span class="score-stops">
        <button type="button" aria-label="Zoom out" disabled={choices.zoom === ZOOMS[0]} onClick={() => zoomBy(-1)}>
          −
        </button>
        <span>{Math.round(choices.zoom * 100)} %</span>
        <button type="button" aria-label="Zoom in" disabled={choices.zoom === ZOOMS.at(-1)} onClick={() => zoomBy(1)}>
          +
        </button>
      </span>
      <button type="button" aria-pressed={isFollowing} onClick={() => onFollow(!isFollowing)}>
        Follow
      </button>
      <LaneFilter {...{ choices, lanes, onChange }} />
    </fieldset>
  )
}

/** Chooses through whose eyes a moment is seen. */
export const SeeAs = ({ choices, lanes, onChange }: Pick<ChoicesProps, 'choices' | 'lanes' | 'onChange'>) => (
  <label class="score-as">
    See as{' '}
    <select
      value={choices.as ?? ''}
      onChange={({ currentTarget: { value } }) => onChange({ ...choices, as: value === '' ? undefined : value })}
    >
      <option value="">an observer: everything</option>
      {[...lanes.values()].map(({ name }) => (
        <option key={name} value={name}>
          {shownName(name)}: only what it was given
        </option>
      ))}
    </select>
  </label>
)

/** Names that the filter offers at once, at most. */
const OFFERED = 50

function LaneFilter({ choices, lanes, onChange }: Pick<ChoicesProps, 'choices' | 'lanes' | 'onChange'>) {
  const [query, setQuery] = useState('')
  const { shown, ...others } = choices
  const names = [...lanes.keys()]
  const found = names.filter(name => name.toLowerCase().includes(query.toLowerCase()))
  const toggle = (name: string) => {
    const next = new Set(shown ?? names)
    if (!next.delete(name)) next.add(name)
    onChange(next.size === names.length ? others : { ...others, shown: next })
  }
  return (
    <details class="score-filter">
      <summary>
        Participants: {shown ? shown.size : 'all'} of {names.length}
      </summary>
      <div>
        <input
          type="search"
          aria-label="Find a participant"
          placeholder="Find a participant"
          value={query}
          onInput={({ currentTarget: { value } }) => setQuery(value)}
        />
        <button type="button" disabled={!shown} onClick={() => onChange(others)}>
          Show all
        </button>
        <button type="button" onClick={() => onChange({ ...others, shown: new Set() })}>
          Hide all
        </button>
        {found.slice(0, OFFERED).map(name => (
          <label key={name}>
            <input type="checkbox" checked={!shown || shown.has(name)} onChange={() => toggle(name)} />{' '}
            <bdi>{shownName(name)}</bdi>
          </label>
        ))}
        {found.length > OFFERED && <p>{found.length - OFFERED} more: type a part of the name.</p>}
      </div>
    </details>
  )
}
