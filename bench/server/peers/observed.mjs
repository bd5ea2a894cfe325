import { post } from '../../http-caller.mjs'
import { open as openServer } from './ours.mjs'

/** Starts our server with a room whose observers see drafts. `recorded`: what they see is kept. */
export const open = (readers, publishers, stores = {}, recorded = false) =>
  openServer(readers, publishers, stores, () => ({ observable: true, recorded }))

/** Returns the request that shows a draft of one segment and publishes it, in one batch. */
export const call = (content, n, token, base) => {
  const facts = [{ type: 'appended', text: content, base }]
  const batch = [
    { jsonrpc: '2.0', method: 'draft', params: { facts, rev: 1 } },
    { jsonrpc: '2.0', id: n, method: 'publish', params: { content, base, key: `${n}` } },
  ]
  return post('/rpc', JSON.stringify(batch), token)
}
