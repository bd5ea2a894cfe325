// How soon a model is stopped, and what the speaking loop costs: `npm run bench:agent`.
import { table } from '../core/measure.mjs'
import { quick, rounds } from '../options.mjs'
import { interruptions } from './interruption.mjs'
import { inTheLoop, onlyRead } from './segments.mjs'

const times = quick ? 20 : 100
let last
const stopped = async () => {
  last = await interruptions(times)
  return last.fromArrival
}

await table(
  'Models that are interrupted, and the loop around them',
  [
    { what: 'from a message’s arrival to the abort seen at the model, real server', unit: 'µs', measure: stopped },
    { what: 'from the call of that message’s push to the same', unit: 'µs', measure: () => last.fromPush },
    { what: 'a segment of nine words in the loop, appended and told', unit: 'µs', measure: inTheLoop },
    { what: 'the same words, only read with the AI SDK', unit: 'µs', measure: onlyRead },
  ],
  rounds,
)
process.exit()
