// Hosted appends over HTTP, compared with a bare echo: `npm run bench:rpc`. In memory, except for the last row.
import { compare } from '../compare.mjs'
import { durations, isSelected, rounds, saveResults } from '../options.mjs'
import { resultOf } from '../process.mjs'

const appends = (callers, keyed) => peer =>
  resultOf('./appends.mjs', import.meta.url, peer, callers, keyed, durations.calls, durations.measured)

const row = (callers, keyed, aims) => ({
  what: `hosted append over HTTP, ${callers} at once, ${keyed === 'keyed' ? 'each with a key' : 'no keys'}`,
  unit: '/s',
  peers: ['ours', 'echo'],
  aims,
  measure: appends(callers, keyed),
})

const flushed = {
  ...row(16, 'bare'),
  what: 'hosted append over HTTP, 16 at once, flushed',
  peers: ['flushed', 'echo'],
}
const rows = [row(16, 'bare', { echo: { atLeast: 0.75 } }), row(16, 'keyed'), row(1, 'bare'), flushed]
saveResults(await compare('JSON-RPC over HTTP', rows.filter(isSelected), rounds))
