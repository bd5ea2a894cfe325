const channelName = 'midsentence tabs'

/**
 * Claims the session `key` for this tab. Tabs that claimed it earlier call their `lost`. Returns a function that ends the claim.
 * Two tabs on one session would each have their own copy of the draft.
 */
export function claimSession(key: string, lost: () => void): () => void {
  if (typeof BroadcastChannel === 'undefined') return () => {}
  const tab = Math.random()
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }) => {
    if (data?.key === key && data.tab !== tab) lost()
  }
  channel.postMessage({ key, tab })
  return () => channel.close()
}
