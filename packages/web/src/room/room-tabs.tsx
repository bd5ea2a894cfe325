import { type RoomTab, roomLink } from '../shared/route.ts'

const names: Readonly<Record<RoomTab, string>> = { talk: 'Talk', past: 'Past', score: 'Score' }

export interface RoomTabsProps {
  readonly room: string
  readonly tabs: readonly RoomTab[]
  readonly shown: RoomTab
}

/** Links to the views of a room. */
export const RoomTabs = ({ room, tabs, shown }: RoomTabsProps) => (
  <nav aria-label="Views of the room" class="tabs">
    {tabs.map(each => (
      <a key={each} href={roomLink(room, each)} aria-current={each === shown ? 'page' : undefined}>
        {names[each]}
      </a>
    ))}
  </nav>
)
