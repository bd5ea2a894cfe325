// Hosted appends over HTTP, beside a bare echo: `npm run bench:rpc`. In memory, but for the last row.
import { compare } from '../compare.mjs'
import { keep, rounds, spans, wanted } from '../options.mjs'
import { resultOf } from '../process.mjs'

const appends = (callers, keyed) => contestant =>
  resultOf('./appends.mjs', import.meta.url, contestant, callers, keyed, spans.calls, spans.measured)

const row = (callers, keyed, aims) => ({
  what: `hosted append over HTTP, ${callers} at once, ${keyed === 'keyed' ? 'each with a key' : 'no keys'}`,
  unit: '/s',
  contestants: ['ours', 'echo'],
  aims,
  measure: appends(callers, keyed),
})

const flushed = {
  ...row(16, 'bare'),
  what: 'hosted append over HTTP, 16 at once, flushed',
  contestants: ['flushed', 'echo'],
}
const rows = [row(16, 'bare', { echo: { atLeast: 0.75 } }), row(16, 'keyed'), row(1, 'bare'), flushed]
keep(await compare('JSON-RPC over HTTP', rows.filter(wanted), rounds))
