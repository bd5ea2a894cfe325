/** Sent between the tabs of a browser: `claims` takes a session over, `asks` is answered by the tab that has it. */
interface TabMessage {
  readonly kind: 'claims' | 'asks' | 'answers'
  readonly key: string
  readonly tab: number
}

const ANSWER_MS = 200
const tab = Math.random()

/** Calls `receive` with the messages of other tabs about the session `key`. Undefined in a browser without channels. */
function openChannel(key: string, receive: (kind: TabMessage['kind']) => void) {
  if (typeof BroadcastChannel === 'undefined') return undefined
  const channel = new BroadcastChannel('midsentence tabs')
  channel.onmessage = ({ data }) => {
    const message = data as Partial<TabMessage> | null
    if (message?.key === key && message.tab !== tab && message.kind) receive(message.kind)
  }
  return {
    send: (kind: TabMessage['kind']) => channel.postMessage({ kind, key, tab } satisfies TabMessage),
    close: () => channel.close(),
  }
}

/**
 * Claims the session `key` for this tab. Tabs that claimed it earlier call their `lost`. Returns a function that ends the claim.
 * Two tabs on one session would each have their own copy of the draft.
 */
export function claimSession(key: string, lost: () => void): () => void {
  const channel = openChannel(key, kind => {
    if (kind === 'claims') lost()
    else if (kind === 'asks') channel?.send('answers')
  })
  channel?.send('claims')
  return () => channel?.close()
}

/** Resolves with whether another tab has claimed the session `key`. */
export function isClaimed(key: string): Promise<boolean> {
  return new Promise(resolve => {
    const end = (found: boolean) => {
      clearTimeout(timer)
      channel?.close()
      resolve(found)
    }
    const channel = openChannel(key, kind => {
      if (kind === 'answers') end(true)
    })
    const timer = setTimeout(() => end(false), channel ? ANSWER_MS : 0)
    channel?.send('asks')
  })
}
