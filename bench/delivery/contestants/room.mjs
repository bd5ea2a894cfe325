/**
 * A room of `readers` and `publishers` who speak in one tick. Where there are several they cross each other, so the room
 * says so instead of holding.
 */
export async function room(openHub, readers, publishers) {
  const policy = { room: () => (publishers > 1 ? { policy: 'annotate' } : {}), limits: () => ({}) }
  const hub = await openHub({ policy })
  const join = username => hub.join({ username })
  const sessions = await Promise.all(Array.from({ length: readers }, (_, index) => join(`reader ${index}`)))
  const speakers = await Promise.all(Array.from({ length: publishers }, (_, index) => join(`speaker ${index}`)))
  const cursors = speakers.map(() => 0)
  let key = 0
  const speak = async (content, place) => {
    const { cursor } = await speakers[place].publish({ content, base: cursors[place], key: `${++key}` })
    cursors[place] = cursor
  }
  return {
    hub,
    tokens: sessions.map(({ entrance: { token } }) => token),
    token: speakers[0].entrance.token,
    say: contents => Promise.all(contents.map(speak)),
  }
}
