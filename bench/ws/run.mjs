// Fan-out and hosted appends over WebSockets, compared with hand-written `ws` servers: `npm run bench:ws`. In memory.
import { compare } from '../compare.mjs'
import { durations, isSelected, rounds, saveResults } from '../options.mjs'
import { resultOf } from '../process.mjs'

const { warm, measured, calls } = durations

const fanOut = (readers, burst) => peer =>
  resultOf('../delivery/fan-out.mjs', import.meta.url, peer, readers, burst, warm, measured)

const appends = callers => peer => resultOf('./appends.mjs', import.meta.url, peer, callers, calls, measured)

const fanOutRow = (readers, burst, aims) => ({
  what: `WebSocket fan-out of ${burst === 1 ? 'single messages' : `bursts of ${burst} a tick`}, ${readers} readers`,
  unit: '/s',
  peers: ['ours-ws', 'ws-send'],
  aims,
  measure: fanOut(readers, burst),
})

const appendRow = (callers, aims) => ({
  what: `hosted append over a WebSocket, ${callers} at once`,
  unit: '/s',
  peers: ['ours', 'ws-echo', 'ws-json-echo'],
  aims,
  measure: appends(callers),
})

const rows = [
  ...[8, 50, 500].map(readers => fanOutRow(readers, 1)),
  ...[8, 50, 500].map(readers => fanOutRow(readers, 8, { 'ws-send': { atLeast: 4 } })),
  appendRow(16, { 'ws-echo': { atLeast: 0.75 } }),
  appendRow(1),
]
saveResults(await compare('WebSocket, nothing durable', rows.filter(isSelected), rounds))
