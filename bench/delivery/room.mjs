/**
 * Creates a room with `readers`, and `publishers` that publish in one tick. Several publishers cross each other's messages, so
 * the room then uses the policy `annotate` instead of `hold`.
 */
export async function room(openHub, readers, publishers) {
  const policy = { room: () => (publishers > 1 ? { policy: 'annotate' } : {}), limits: () => ({}) }
  const hub = await openHub({ policy })
  const join = username => hub.join({ username })
  const sessions = await Promise.all(Array.from({ length: readers }, (_, index) => join(`reader ${index}`)))
  const publisherSessions = await Promise.all(
    Array.from({ length: publishers }, (_, index) => join(`publisher ${index}`)),
  )
  const cursors = publisherSessions.map(() => 0)
  let key = 0
  const publishOne = async (content, index) => {
    const { cursor } = await publisherSessions[index].publish({ content, base: cursors[index], key: `${++key}` })
    cursors[index] = cursor
  }
  return {
    hub,
    tokens: sessions.map(({ joinResult: { token } }) => token),
    token: publisherSessions[0].joinResult.token,
    publish: contents => Promise.all(contents.map(publishOne)),
  }
}
