import type { ScoreAxis } from '../../layout/axis.ts'
import { shownLanes } from '../../layout/layout.ts'
import type { Lane, ScoreTimeline, TimelineItem } from '../../model/model.ts'
import { authorAt, isVisibleTo, itemsAt } from '../../model/moment.ts'

export interface ItemSearch {
  readonly model: ScoreTimeline
  readonly axis: ScoreAxis
  readonly position: number
  readonly as: Lane | undefined
}

/** Whether an item can be selected. */
function isSelectable({ axis, position, as }: ItemSearch, item: TimelineItem): boolean {
  if (as && !isVisibleTo(as, item, position)) return false
  return item.kind === 'message' || axis.isShown(item)
}

/** Returns the first item from index `start` on that can be selected. */
export function itemAlong(search: ItemSearch, start: number, direction: 1 | -1): TimelineItem | undefined {
  const { model, position } = search
  const count = itemsAt(model, position)
  for (let index = start; index >= 0 && index < count; index += direction) {
    if (isSelectable(search, model.items[index]!)) return model.items[index]
  }
}

/** Returns the newest item. */
export const newestItem = (search: ItemSearch): TimelineItem | undefined =>
  itemAlong(search, itemsAt(search.model, search.position) - 1, -1)

/** Returns the item nearest to `from` in the next lane that has one. */
export function itemAcross(search: ItemSearch, from: number, direction: 1 | -1): TimelineItem | undefined {
  const { model, axis, position } = search
  const item = model.items[from]
  if (!item) return newestItem(search)
  const lanes = shownLanes(model, axis.options, position)
  const own = item.kind === 'message' ? authorAt(item, position) : item.lane
  for (let nth = (own ? lanes.indexOf(own) : -1) + direction; nth >= 0 && nth < lanes.length; nth += direction) {
    const found = nearestIn(search, lanes[nth]!, from)
    if (found) return found
  }
}

function nearestIn(search: ItemSearch, lane: Lane, from: number): TimelineItem | undefined {
  const { model, position } = search
  const count = itemsAt(model, position)
  const isIn = (item: TimelineItem | undefined) =>
    item !== undefined &&
    (item.kind === 'message' ? authorAt(item, position) : item.lane) === lane &&
    isSelectable(search, item)
  for (let distance = 1; distance < count; distance++) {
    const [before, after] = [from - distance, from + distance]
    if (before >= 0 && isIn(model.items[before])) return model.items[before]
    if (after < count && isIn(model.items[after])) return model.items[after]
  }
}
