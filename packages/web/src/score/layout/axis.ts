import type { Lane, ScoreTimeline, TimelineItem } from '../model/model.ts'
import { BAR, extentOf, isAcross, type LaneShape, STEP } from './extent.ts'

export interface AxisOptions extends LaneShape {
  /** `order`: one step per item. `time`: besides, space for the time between items. */
  readonly axis: 'order' | 'time'
  /** Shortens times without an item. Only with `time`. */
  readonly compressed: boolean
  /** The participants to show. Absent: all. */
  readonly shown?: ReadonlySet<string>
}

/** A time without an item that the axis shortens. */
export interface ShortenedTime {
  readonly start: number
  readonly ms: number
  /** The item after it. */
  readonly index: number
}

const UNITS_PER_SECOND = 24
/** The longest time that a compressed axis draws to scale, in milliseconds. */
const LONGEST_MS = 5000
const SHORTENED = 72

/**
 * Where each item is along the axis, in units at zoom 1. An item starts after the item before it, and after everything in its
 * lane; what follows a message starts after its bar in all lanes. Its place depends on earlier items alone, so that
 * `extend` costs O(1) per new item, and a score at an earlier position is a part of the same picture.
 */
export class ScoreAxis {
  readonly options: AxisOptions
  /** By index of the item. */
  readonly starts: number[] = []
  /** The end of an item; its start, if it is not shown. */
  readonly ends: number[] = []
  readonly shortened: ShortenedTime[] = []
  readonly #laneEnds = new Map<Lane, number>()
  #lastStart = 0
  #lastAt: number | undefined
  /** Nothing starts before this. */
  #barrier = 0
  #end = 0

  constructor(options: AxisOptions) {
    this.options = options
  }

  /** The end of the last item. */
  get end(): number {
    return this.#end
  }

  /** Places the items of `model` that are not placed yet. */
  extend(model: ScoreTimeline): this {
    for (let index = this.starts.length; index < model.items.length; index++) this.#place(model.items[index]!, index)
    return this
  }

  isShown({ lane }: { readonly lane?: Lane | undefined }): boolean {
    const { shown } = this.options
    return !shown || !lane || shown.has(lane.name)
  }

  #place(item: TimelineItem, index: number): void {
    const isShown = this.isShown(item)
    // The bar of a message stays, since it is what all lanes have in common.
    if (!isShown && item.kind !== 'message') {
      this.starts.push(this.#lastStart)
      this.ends.push(this.#lastStart)
      return
    }
    const isFirst = this.#lastAt === undefined
    const byTime = isFirst ? 0 : this.#lastStart + this.#timeBefore(item, index)
    const byOrder = isFirst ? 0 : this.#lastStart + STEP
    const ownEnd = item.lane ? (this.#laneEnds.get(item.lane) ?? 0) : 0
    const start = Math.max(byTime, byOrder, this.#barrier, isAcross(item) ? this.#end : ownEnd)
    const end = start + (isShown ? extentOf(item, this.options) : BAR)
    this.starts.push(start)
    this.ends.push(end)
    if (item.lane && isShown) this.#laneEnds.set(item.lane, end)
    if (isAcross(item)) this.#barrier = item.kind === 'message' ? start + BAR : end
    this.#lastStart = start
    this.#lastAt = item.at
    this.#end = Math.max(this.#end, end)
  }

  /** The space for the time since the item before. */
  #timeBefore(item: TimelineItem, index: number): number {
    const { axis, compressed } = this.options
    const ms = Math.max(0, item.at - this.#lastAt!)
    if (axis === 'order' || Number.isNaN(ms)) return 0
    if (!compressed || ms <= LONGEST_MS) return (ms / 1000) * UNITS_PER_SECOND
    const start = Math.max(this.#end, this.#lastStart)
    this.shortened.push({ start, ms, index })
    return start - this.#lastStart + SHORTENED
  }
}
