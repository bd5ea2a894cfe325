/** Where the page is: the part of its address after `#`. */
export type PageRoute =
  | { readonly page: 'lobby'; readonly room?: undefined }
  | { readonly page: 'room'; readonly room: string; readonly tab: RoomTab; readonly query: string }

/** The views of a room. */
export type RoomTab = 'talk' | 'past' | 'score'

/** Reads `#/rooms/demo`, `#/rooms/demo/past?at=7` and `#/rooms/demo/score?at=7`. Everything else is the lobby. */
export function parseRoute(hash: string): PageRoute {
  const [, name, tab, query = ''] = /^#\/rooms\/([^/?]+)(?:\/(talk|past|score))?(?:\?(.*))?$/.exec(hash) ?? []
  const room = decode(name ?? '')
  return room === '' ? { page: 'lobby' } : { page: 'room', room, tab: (tab as RoomTab | undefined) ?? 'talk', query }
}

/** Returns the link to a room, such as `#/rooms/demo`. */
export const roomLink = (room: string, tab: RoomTab = 'talk'): string =>
  `#/rooms/${encodeURIComponent(room)}${tab === 'talk' ? '' : `/${tab}`}`

/** Decodes a part of an address. Returns "" for a malformed one. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
