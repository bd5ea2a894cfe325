import { shownName } from '@midsentence/client'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { ScoreAxis } from '../../layout/axis.ts'
import type { LaneShape } from '../../layout/extent.ts'
import { boxOf, layoutScore, leastZoom, shownLanes, type VisibleLane } from '../../layout/layout.ts'
import type { Lane, ScoreTimeline, TimelineItem } from '../../model/model.ts'
import { authorAt, draftAt, floorAt, presenceAt } from '../../model/moment.ts'
import { margins, sizeOf, styleOf, TAIL } from './geometry.ts'
import { itemAcross, itemAlong, newestItem } from './keys.ts'
import { hueOf, itemId, ScoreItems } from './score-items.tsx'
import { SelectionLines } from './selection-lines.tsx'
import { unitSize, useViewport } from './use-viewport.ts'

export interface LanesProps {
  readonly model: ScoreTimeline
  readonly axis: ScoreAxis
  readonly zoom: number
  readonly position: number
  readonly as: Lane | undefined
  readonly selected: TimelineItem | undefined
  readonly hovered: TimelineItem | undefined
  /** Whether the newest item stays in view. */
  readonly isFollowing: boolean
  readonly onSelect: (item: TimelineItem | undefined) => void
  readonly onHover: (item: TimelineItem | undefined) => void
  readonly onFollow: (isFollowing: boolean) => void
}

/** The score itself: a lane per participant, and what is visible of it. */
export function ScoreLanes(props: LanesProps) {
  const { model, axis, position, as, selected, hovered, isFollowing, onSelect, onHover, onFollow } = props
  const { orientation, laneSize } = axis.options
  const isHorizontal = orientation === 'horizontal'
  const element = useRef<HTMLDivElement>(null)
  const { screen, ...part } = useViewport(element)
  const margin = margins(orientation)
  const zoom = Math.max(props.zoom, leastZoom(isHorizontal ? screen.width : screen.height))
  const [start, length] = isHorizontal ? [part.left, part.width] : [part.top, part.height]
  const [offset, breadth] = isHorizontal ? [part.top, part.height] : [part.left, part.width]
  const layout = layoutScore(model, axis, {
    along: [start - margin.along, start + length],
    across: [offset - margin.across, offset + breadth],
    zoom,
    position,
    ...(as && { as }),
  })
  const lanes = shownLanes(model, axis.options, position)
  const scrolled = useRef(0)
  const shown = hovered ?? selected
  const search = { model, axis, position, as }
  const newest = newestItem(search)
  const acrossOf = (item: TimelineItem): number => {
    const lane = item.kind === 'message' ? authorAt(item, position) : item.lane
    return lane ? lanes.indexOf(lane) * laneSize : 0
  }

  useLayoutEffect(() => {
    if (!isFollowing) return
    scrollTo(element.current!, isHorizontal, Number.POSITIVE_INFINITY)
    scrolled.current = isHorizontal ? element.current!.scrollLeft : element.current!.scrollTop
    if (newest) revealLane(element.current!, axis.options, acrossOf(newest))
  }, [isFollowing, layout.along, isHorizontal, screen.width, screen.height, newest?.index])

  useLayoutEffect(() => {
    if (selected) reveal(element.current!, axis.options, boxOf(axis, selected.index, zoom), acrossOf(selected))
  }, [selected?.index])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const along = isHorizontal ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
    const across = isHorizontal ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight']
    const step = (direction: 1 | -1) =>
      selected ? itemAlong(search, selected.index + direction, direction) : newestItem(search)
    const from = selected?.index ?? -1
    const moves: Readonly<Record<string, () => TimelineItem | undefined>> = {
      [along[0]!]: () => step(-1),
      [along[1]!]: () => step(1),
      [across[0]!]: () => itemAcross(search, from, -1),
      [across[1]!]: () => itemAcross(search, from, 1),
      Home: () => itemAlong(search, 0, 1),
      End: () => newestItem(search),
    }
    const move = moves[event.key]
    if (move) {
      event.preventDefault()
      const item = move()
      if (item) onSelect(item)
    } else if (event.key === 'Escape' && selected) {
      event.stopPropagation()
      onSelect(undefined)
    }
  }
  const itemOf = (event: Event): TimelineItem | undefined => {
    const found = (event.target as Element).closest?.('[data-item]')
    return found ? model.items[Number(found.getAttribute('data-item'))] : undefined
  }
  const onScroll = () => {
    const target = element.current!
    const [now, end] = isHorizontal
      ? [target.scrollLeft, target.scrollWidth - target.clientWidth]
      : [target.scrollTop, target.scrollHeight - target.clientHeight]
    if (Math.abs(now - scrolled.current) < 2) return
    scrolled.current = now
    onFollow(end - now < TAIL)
  }

  return (
    <div
      ref={element}
      class={`score-scroll score-${orientation}`}
      role="listbox"
      aria-label="Score. Arrow keys move along it and between participants."
      aria-orientation={orientation}
      aria-activedescendant={
        selected && layout.boxes.some(({ item }) => item === selected) ? itemId(selected) : undefined
      }
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={event => onSelect(itemOf(event))}
      onPointerOver={event => onHover(itemOf(event))}
      onPointerLeave={() => onHover(undefined)}
      onScroll={onScroll}
      onWheel={isHorizontal ? scrollAlong : undefined}
    >
      <div class="score-content" role="presentation" style={sizeOf(orientation, layout.along, layout.across)}>
        <LaneLines layout={layout} shape={axis.options} />
        <ScoreItems
          layout={layout}
          shape={axis.options}
          position={position}
          selected={selected}
          withTimes={axis.options.axis === 'time'}
        />
        {shown && shown.position <= position && (
          <SelectionLines {...{ model, axis, zoom, position, as, item: shown, lanes, part }} />
        )}
        <LaneNames {...{ model, position, as, lanes: layout.lanes }} shape={axis.options} />
      </div>
    </div>
  )
}

function LaneLines({ shape, layout }: Pick<Parameters<typeof ScoreItems>[0], 'shape' | 'layout'>) {
  const length = layout.along + TAIL
  return (
    <>
      {layout.lanes.map(({ lane, offset }) => (
        <div
          key={`lane-${lane.index}`}
          class={`score-lane ${hueOf(lane)}`}
          aria-hidden="true"
          style={styleOf(shape.orientation, { start: 0, length, offset, size: shape.laneSize })}
        />
      ))}
    </>
  )
}

interface NamesProps {
  readonly model: ScoreTimeline
  readonly shape: LaneShape
  readonly position: number
  readonly as: Lane | undefined
  readonly lanes: readonly VisibleLane[]
}

function LaneNames({ model, shape, position, as, lanes }: NamesProps) {
  const floor = floorAt(model, position)
  const margin = margins(shape.orientation)
  const doing = (lane: Lane): string => {
    const presence = presenceAt(lane, position)
    if (!presence) return 'not here'
    if (presence.isAway) return 'away'
    if (floor?.lane === lane) return 'has the floor'
    const isHidden = as && as !== lane
    return !isHidden && draftAt(lane, position).length > 0 ? 'writing' : 'here'
  }
  return (
    <div class="score-names" aria-hidden="true">
      <div
        class="score-corner"
        style={styleOf(shape.orientation, {
          start: -margin.along,
          length: margin.along,
          offset: -margin.across,
          size: margin.across,
        })}
      />
      {lanes.map(({ lane, offset }) => {
        const style = styleOf(shape.orientation, {
          start: -margin.along,
          length: margin.along,
          offset,
          size: shape.laneSize,
        })
        return (
          <div key={lane.index} class={`score-label ${hueOf(lane)}`} style={style}>
            <bdi title={shownName(lane.name)}>{shownName(lane.name)}</bdi>
            <small>{doing(lane)}</small>
          </div>
        )
      })}
    </div>
  )
}

function scrollTo(target: HTMLElement, isHorizontal: boolean, to: number): void {
  if (isHorizontal) target.scrollLeft = Math.min(to, target.scrollWidth)
  else target.scrollTop = Math.min(to, target.scrollHeight)
}

/** Returns where to scroll, from `now`, to see what lies between `from` and `to`. In pixels. */
function within(now: number, visible: number, from: number, to: number, margin: number): number {
  if (from - margin < now) return from - margin
  return to > now + visible ? to - visible : now
}

/** Scrolls just enough to see a box. */
function reveal(target: HTMLElement, shape: LaneShape, box: { start: number; length: number }, across: number): void {
  const isHorizontal = shape.orientation === 'horizontal'
  const unit = unitSize()
  const name = margins(shape.orientation).along
  const along = isHorizontal ? 'scrollLeft' : 'scrollTop'
  const length = isHorizontal ? target.clientWidth : target.clientHeight
  const end = (name + box.start + box.length + TAIL) * unit
  target[along] = within(target[along], length, (name + box.start) * unit, end, (name + TAIL) * unit)
  revealLane(target, shape, across)
}

/** Scrolls just enough to see the lane that begins at `across`. */
function revealLane(target: HTMLElement, { orientation, laneSize }: LaneShape, across: number): void {
  const isHorizontal = orientation === 'horizontal'
  const unit = unitSize()
  const strip = margins(orientation).across
  const lane = isHorizontal ? 'scrollTop' : 'scrollLeft'
  const breadth = isHorizontal ? target.clientHeight : target.clientWidth
  const [from, to] = [(strip + across) * unit, (strip + across + laneSize) * unit]
  target[lane] = within(target[lane], breadth, from, to, strip * unit)
}

/** Lets a wheel that turns up and down move along a score that has nothing above or below. */
function scrollAlong(event: WheelEvent): void {
  const target = event.currentTarget as HTMLElement
  if (event.ctrlKey || event.shiftKey || Math.abs(event.deltaY) <= Math.abs(event.deltaX)) return
  if (target.scrollHeight > target.clientHeight) return
  const before = target.scrollLeft
  target.scrollLeft += event.deltaY
  if (target.scrollLeft !== before) event.preventDefault()
}
