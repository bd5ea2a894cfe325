import type { Mark, TimelineItem } from '../model/model.ts'

export type Orientation = 'horizontal' | 'vertical'

/** How lanes lie. */
export interface LaneShape {
  readonly orientation: Orientation
  /** The size of a lane across the axis, in units. */
  readonly laneSize: number
}

/** Sizes in units of a sixteenth of the root font size, at zoom 1, along the axis. */
export const STEP = 22
/** A word, such as "held". */
const MARK = { horizontal: 46, vertical: 26 }
const WIDE_MARK = { horizontal: 84, vertical: 40 }
/** The bar of a message, before the box with its text. */
export const BAR = 30
/** The longest extent of an item. */
export const MAX_EXTENT = 300
/** Units of a character, and of a row of text. */
const CHARACTER = 7.2
const ROW = 18
/** What a lane has beside the rows of text: the border and padding of a box, and the space around it. */
const PADDING = 30

/** Returns the size of a lane across the axis, in units: fewer lanes are larger, so that more text fits. */
export function laneExtent(orientation: Orientation, lanes: number): number {
  if (orientation === 'vertical') return lanes > 3 ? 140 : lanes > 2 ? 112 : 164
  return lanes > 5 ? 104 : lanes > 3 ? 126 : 148
}

/** About how many columns a text takes. Looks at its beginning only. */
function columnsOf(text: string): number {
  let columns = 0
  for (let at = 0; at < text.length && at < 400; at++) {
    const code = text.charCodeAt(at)
    columns += code === 10 ? 20 : code >= 0x1100 ? 2 : 1
  }
  return columns
}

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high)

/** Returns how long the box of a text is along the axis. */
function textExtent(text: string, { orientation, laneSize }: LaneShape, most: number): number {
  const columns = columnsOf(text)
  if (orientation === 'horizontal') {
    // Some room for words that do not fit the end of a row.
    const rows = Math.floor((laneSize - PADDING) / ROW)
    const row = Math.ceil(columns / rows) + (columns > 12 ? 6 : 0)
    return clamp(Math.max(row, Math.min(columns, 10)) * CHARACTER + 22, 56, most)
  }
  const perRow = Math.floor((laneSize - PADDING) / CHARACTER)
  return clamp(Math.ceil(columns / perRow) * ROW + 16, 36, most)
}

const isWide = ({ type }: Mark) => type === 'gap' || type === 'stopped'

/** Returns how long an item is along the axis, in units. Depends on the item as it was added. */
export function extentOf(item: TimelineItem, shape: LaneShape): number {
  switch (item.kind) {
    case 'block':
      return textExtent(item.text, shape, 240)
    case 'message':
      return BAR + (item.content === undefined ? 0 : textExtent(item.content, shape, MAX_EXTENT - BAR))
    case 'mark':
      return (isWide(item) ? WIDE_MARK : MARK)[shape.orientation]
  }
}

/** Whether everything after an item begins after it, in all lanes. */
export const isAcross = (item: TimelineItem): boolean => item.kind === 'message' || item.lane === undefined
