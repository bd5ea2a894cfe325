// Fan-out and hosted appends over WebSockets, beside `ws` by hand: `npm run bench:ws`. Everything is in memory.
import { compare } from '../compare.mjs'
import { keep, rounds, spans, wanted } from '../options.mjs'
import { resultOf } from '../process.mjs'

const { warm, measured, calls } = spans

const fanOut = (readers, burst) => contestant =>
  resultOf('../delivery/fan-out.mjs', import.meta.url, contestant, readers, burst, warm, measured)

const appends = callers => contestant =>
  resultOf('./appends.mjs', import.meta.url, contestant, callers, calls, measured)

const said = (readers, burst, aims) => ({
  what: `WebSocket fan-out of ${burst === 1 ? 'single messages' : `bursts of ${burst} a tick`}, ${readers} readers`,
  unit: '/s',
  contestants: ['ours-ws', 'ws-send'],
  aims,
  measure: fanOut(readers, burst),
})

const appended = (callers, aims) => ({
  what: `hosted append over a WebSocket, ${callers} at once`,
  unit: '/s',
  contestants: ['ours', 'ws-echo', 'ws-json-echo'],
  aims,
  measure: appends(callers),
})

const rows = [
  ...[8, 50, 500].map(readers => said(readers, 1)),
  ...[8, 50, 500].map(readers => said(readers, 8, { 'ws-send': { atLeast: 4 } })),
  appended(16, { 'ws-echo': { atLeast: 0.75 } }),
  appended(1),
]
keep(await compare('WebSocket, nothing durable', rows.filter(wanted), rounds))
