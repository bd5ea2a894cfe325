import type { ScoreAxis } from '../../layout/axis.ts'
import { boxOf } from '../../layout/layout.ts'
import { storyOf } from '../../model/describe.ts'
import type { Lane, ScoreTimeline, TimelineItem } from '../../model/model.ts'
import { authorAt, isVisibleTo } from '../../model/moment.ts'
import { margins } from './geometry.ts'
import type { VisiblePart } from './use-viewport.ts'

/** Lines of a kind, at most: the nearest. */
const MOST = 12

export type LineKind = 'read' | 'unread' | 'sent' | 'held'

interface SelectionLine {
  readonly kind: LineKind
  readonly to: TimelineItem
}

/** Returns what lines of a selected item lead to: what its author had read, what it had not, and what became of it. */
export function linesOf(
  model: ScoreTimeline,
  item: TimelineItem,
  position: number,
  as?: Lane,
): readonly SelectionLine[] {
  const to = (kind: LineKind, items: readonly (TimelineItem | undefined)[]) =>
    items.flatMap(to => (to && to.position <= position && (!as || isVisibleTo(as, to, position)) ? [{ kind, to }] : []))
  if (item.kind === 'block') {
    const { read, unread, crossing, message } = storyOf(model, item, position)
    return [
      ...to('read', [read]),
      ...to('unread', [...unread.slice(-MOST), ...crossing.slice(0, MOST)]),
      ...to('sent', [message]),
    ]
  }
  if (item.kind === 'message') {
    const joined = (item.joinedAt ?? Number.POSITIVE_INFINITY) <= position ? item.blocks : []
    const isOwn = !as || as === item.lane
    return [
      ...to('sent', isOwn ? joined.slice(-MOST) : []),
      ...to('held', item.holds.filter(hold => !as || hold.lane === as).slice(0, MOST)),
    ]
  }
  if (item.type !== 'held' || item.why === 'floor') return []
  return to('held', [model.messages.findLast(({ holds }) => holds.includes(item))])
}

interface LinesProps {
  readonly model: ScoreTimeline
  readonly axis: ScoreAxis
  readonly zoom: number
  readonly position: number
  readonly as: Lane | undefined
  readonly item: TimelineItem
  readonly lanes: readonly Lane[]
  readonly part: VisiblePart
}

/** Draws what a selection is connected to, in the visible part only. */
export function SelectionLines({ model, axis, zoom, position, as, item, lanes, part }: LinesProps) {
  const { orientation, laneSize: size } = axis.options
  const margin = margins(orientation)
  /** Where a line to or from `of` ends: at the bar of a message, or at the end of a block that is nearer to `other`. */
  const pointOf = (of: TimelineItem, other: TimelineItem): readonly [number, number] => {
    const { start, length } = boxOf(axis, of.index, zoom)
    const lane = of.kind === 'message' ? authorAt(of, position) : of.lane
    const along = margin.along + start + (of.kind === 'message' ? 6 : other.index > of.index ? length : 0)
    const across = margin.across + Math.max(0, lane ? lanes.indexOf(lane) : 0) * size + size / 2
    return orientation === 'horizontal' ? [along, across] : [across, along]
  }
  const { left, top, width, height } = part
  return (
    <svg
      class="score-lines"
      aria-hidden="true"
      viewBox={`${left} ${top} ${width} ${height}`}
      style={{ left: `${left / 16}rem`, top: `${top / 16}rem`, width: `${width / 16}rem`, height: `${height / 16}rem` }}
    >
      {linesOf(model, item, position, as).map(({ kind, to }) => {
        const [x, y] = pointOf(item, to)
        const [toX, toY] = pointOf(to, item)
        const bend =
          orientation === 'horizontal' ? [(x + toX) / 2, y, (x + toX) / 2, toY] : [x, (y + toY) / 2, toX, (y + toY) / 2]
        return (
          <g key={`${kind}-${to.index}`} class={`score-line-${kind}`}>
            <path d={`M${x} ${y}C${bend.join(' ')} ${toX} ${toY}`} />
            <circle cx={toX} cy={toY} r="4" />
          </g>
        )
      })}
    </svg>
  )
}
