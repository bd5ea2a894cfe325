import { calls, open as openRaw } from '../../delivery/peers/raw.mjs'

export async function open(readers, publishers) {
  const { port, streamRequests } = await openRaw(readers)
  return { port, streamRequests, publisherTokens: Array.from({ length: publishers }, () => ''), close: async () => {} }
}

export const call = content => calls(content)[0]
