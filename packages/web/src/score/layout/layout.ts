import type { Block, FloorSpan, Lane, Mark, MessageBar, ScoreTimeline, TimelineItem } from '../model/model.ts'
import { authorAt, isVisibleTo, itemsAt } from '../model/moment.ts'
import { countUpTo } from '../model/search.ts'
import type { AxisOptions, ScoreAxis, ShortenedTime } from './axis.ts'
import { BAR, MAX_EXTENT, STEP } from './extent.ts'

/** What is looked at. Lengths in units of a sixteenth of the root font size. */
export interface ScoreViewport {
  /** The visible part of the axis, after zoom. */
  readonly along: readonly [from: number, to: number]
  /** The visible part of the lanes. */
  readonly across: readonly [from: number, to: number]
  readonly zoom: number
  /** Shows the room as it was at this position. */
  readonly position: number
  /** Shows only what this participant had been given. */
  readonly as?: Lane
}

interface Extent {
  /** Along the axis, after zoom. */
  readonly start: number
  readonly length: number
}

/** An item in its lane. A message whose text is not shown has no box, and a mark of the whole room neither. */
export interface ScoreBox extends Extent {
  readonly item: TimelineItem
  /** Across the axis. */
  readonly offset: number
}

/** A message, or a mark of the whole room, across all lanes. */
export interface ScoreBar extends Extent {
  readonly item: TimelineItem
}

/** The segments of a draft until the message that they became. */
export interface ScoreRail extends Extent {
  readonly message: MessageBar
  readonly offset: number
}

export interface ScoreBand extends Extent {
  readonly floor: FloorSpan
  readonly offset: number
}

/** A push that a message held: a mark on the bar of that message, in the lane of the push. */
export interface HoldPeg extends Extent {
  readonly hold: Mark
  readonly offset: number
}

export interface ShortenedMark extends Extent {
  readonly time: ShortenedTime
}

export interface VisibleLane {
  readonly lane: Lane
  readonly offset: number
}

export interface ScoreLayout {
  /** The size of everything, along and across the axis. */
  readonly along: number
  readonly across: number
  readonly lanes: readonly VisibleLane[]
  readonly boxes: readonly ScoreBox[]
  readonly bars: readonly ScoreBar[]
  readonly rails: readonly ScoreRail[]
  readonly bands: readonly ScoreBand[]
  readonly pegs: readonly HoldPeg[]
  readonly shortened: readonly ShortenedMark[]
}

/** Returns the lanes to show, in order: those that were there at `position`. O(participants). */
export const shownLanes = (
  { lanes }: ScoreTimeline,
  { shown }: Pick<AxisOptions, 'shown'>,
  position: number,
): readonly Lane[] => [...lanes.values()].filter(lane => lane.from <= position && (!shown || shown.has(lane.name)))

/** The smallest zoom at which at most `most` items fit `length` units. */
export const leastZoom = (length: number, most = 200): number => Math.max(0.25, length / (most * STEP))

/**
 * Returns what is in the viewport, and only that. Finds it by binary search: O(what is visible + log(items)), and
 * O(participants) for the lanes. `axis` has all items of `model`.
 */
export function layoutScore(model: ScoreTimeline, axis: ScoreAxis, viewport: ScoreViewport): ScoreLayout {
  const { zoom, position, as } = viewport
  const [from, to] = viewport.along.map(unit => unit / zoom) as [number, number]
  const size = axis.options.laneSize
  const lanes = shownLanes(model, axis.options, position)
  const places = new Map(lanes.map((lane, nth) => [lane, nth * size]))
  const first = Math.max(0, Math.floor(viewport.across[0] / size))
  const visible = lanes
    .slice(first, Math.ceil(viewport.across[1] / size))
    .map(lane => ({ lane, offset: places.get(lane)! }))
  const isInside = (offset: number) => offset < viewport.across[1] && offset + size > viewport.across[0]
  const extent = (start: number, end: number): Extent => ({ start: start * zoom, length: (end - start) * zoom })

  const count = itemsAt(model, position)
  const length = lengthAt(axis, count)
  const [boxes, bars]: [ScoreBox[], ScoreBar[]] = [[], []]
  for (let index = firstItem(axis, from); index < count && axis.starts[index]! < to; index++) {
    const item = model.items[index]!
    const [start, end] = [axis.starts[index]!, axis.ends[index]!]
    if (end <= from || end === start || (as && !isVisibleTo(as, item, position))) continue
    const isBar = item.kind === 'message' || item.lane === undefined
    if (isBar) bars.push({ item, ...extent(start, end) })
    const lane = item.kind === 'message' ? authorAt(item, position) : item.lane
    const offset = lane && places.get(lane)
    const hasBox = item.kind !== 'message' || item.content !== undefined
    if (offset !== undefined && hasBox && isInside(offset)) boxes.push({ item, offset, ...extent(start, end) })
  }
  return {
    along: length * zoom,
    across: lanes.length * size,
    lanes: visible,
    boxes,
    bars,
    rails: visible.flatMap(({ lane, offset }) =>
      railsOf(lane, axis, from, to, viewport).map(({ message, start, end }) => ({
        message,
        offset,
        ...extent(start, end),
      })),
    ),
    bands: bandsIn(model, axis, from, to, position, length).flatMap(({ floor, start, end }) => {
      const offset = places.get(floor.lane)
      return offset !== undefined && isInside(offset) ? [{ floor, offset, ...extent(start, end) }] : []
    }),
    pegs: bars.flatMap(bar => pegsOf(bar, visible, viewport)),
    shortened: axis.shortened
      .slice(
        countUpTo(axis.shortened, from - MAX_EXTENT, at => at.start),
        countUpTo(axis.shortened, to, at => at.start),
      )
      .filter(({ index }) => index < count)
      .map(time => ({ time, ...extent(time.start, axis.starts[time.index]!) })),
  }
}

/** Returns where an item is, in units after `zoom`. */
export function boxOf(axis: ScoreAxis, index: number, zoom: number): Extent {
  const [start, end] = [axis.starts[index]!, axis.ends[index]!]
  return { start: start * zoom, length: (end - start) * zoom }
}

/** The first item that may reach into what begins at `from`: no item is longer than `MAX_EXTENT`. */
const firstItem = ({ starts }: ScoreAxis, from: number): number => countUpTo(starts, from - MAX_EXTENT, start => start)

/** The length of the axis with the first `count` items. */
function lengthAt(axis: ScoreAxis, count: number): number {
  if (count === axis.ends.length) return axis.end
  let length = 0
  for (let index = firstItem(axis, (axis.starts[count - 1] ?? 0) - MAX_EXTENT); index < count; index++) {
    length = Math.max(length, axis.ends[index]!)
  }
  return length
}

/** The newest hold of each visible lane by the message of a bar. */
function pegsOf(
  { item, start }: ScoreBar,
  lanes: readonly VisibleLane[],
  { position, as, zoom }: ScoreViewport,
): HoldPeg[] {
  if (item.kind !== 'message' || item.holds.length === 0) return []
  const newest = new Map<Lane, Mark>()
  for (const hold of item.holds) if (hold.position <= position) newest.set(hold.lane!, hold)
  return lanes.flatMap(({ lane, offset }) => {
    const hold = newest.get(lane)
    return hold && (!as || as === lane) ? [{ hold, offset, start, length: BAR * zoom }] : []
  })
}

/** Drafts that became messages: those of a lane follow each other. */
function railsOf(lane: Lane, axis: ScoreAxis, from: number, to: number, { position, as }: ScoreViewport) {
  if (as && as !== lane) return []
  const startOf = ({ blocks, index }: MessageBar) => axis.starts[(blocks[0] as Block | undefined)?.index ?? index]!
  const rails: { message: MessageBar; start: number; end: number }[] = []
  const after = countUpTo(lane.messages, from, ({ index }) => axis.starts[index]!)
  for (let nth = after; nth < lane.messages.length; nth++) {
    const message = lane.messages[nth]!
    const [start, end] = [startOf(message), axis.starts[message.index]!]
    if (start >= to || message.position > position) break
    if (message.blocks.length > 0 && message.joinedAt! <= position) rails.push({ message, start, end })
  }
  return rails
}

function bandsIn(
  { floors }: ScoreTimeline,
  axis: ScoreAxis,
  from: number,
  to: number,
  position: number,
  length: number,
) {
  const count = countUpTo(floors, position, floor => floor.from)
  const bands: { floor: FloorSpan; start: number; end: number }[] = []
  for (let nth = countUpTo(floors, to, floor => axis.starts[floor.fromIndex]!) - 1; nth >= 0; nth--) {
    const floor = floors[nth]!
    const isOver = floor.to !== undefined && floor.to <= position
    const end = isOver ? axis.ends[floor.toIndex!]! : length
    if (end <= from) break
    if (nth < count) bands.push({ floor, start: axis.starts[floor.fromIndex]!, end })
  }
  return bands
}
