import type { LaneShape, Orientation } from '../../layout/extent.ts'

/** The part before the axis that names the lanes, and the strip beside the lanes that numbers the messages. In units. */
export const margins = (orientation: Orientation) =>
  orientation === 'horizontal' ? { along: 132, across: 30 } : { along: 46, across: 44 }

/** Space after the newest item. */
export const TAIL = 40

const rem = (units: number): string => `${units / 16}rem`

export interface Area {
  readonly start: number
  readonly length: number
  readonly offset: number
  readonly size: number
}

/** Returns the style of an element at an area of the lanes. */
export function styleOf(orientation: Orientation, { start, length, offset, size }: Area) {
  const margin = margins(orientation)
  const [along, across] = [rem(start + margin.along), rem(offset + margin.across)]
  return orientation === 'horizontal'
    ? { left: along, width: rem(length), top: across, height: rem(size) }
    : { top: along, height: rem(length), left: across, width: rem(size) }
}

/** Returns the size of everything, with its margins. */
export function sizeOf(orientation: Orientation, along: number, across: number) {
  const margin = margins(orientation)
  const [length, breadth] = [rem(along + margin.along + TAIL), rem(across + margin.across)]
  return orientation === 'horizontal' ? { width: length, height: breadth } : { height: length, width: breadth }
}

/** The part of a lane that boxes fill. */
export const boxArea = ({ orientation, laneSize }: LaneShape, offset: number): Pick<Area, 'offset' | 'size'> => {
  const padding = orientation === 'horizontal' ? 9 : 5
  return { offset: offset + padding, size: laneSize - 2 * padding }
}
