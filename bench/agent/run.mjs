// Time to stop an interrupted model, and the cost of the conversation loop: `npm run bench:agent`.
import { table } from '../core/measure.mjs'
import { quick, rounds } from '../options.mjs'
import { interruptions } from './interruption.mjs'
import { readInLoop, readOnly } from './segments.mjs'

const times = quick ? 20 : 100
let last
const stopped = async () => {
  last = await interruptions(times)
  return last.fromReceipt
}

await table(
  'Interrupted models, and the conversation loop',
  [
    { what: 'from receiving a message to the abort at the model, real server', unit: 'µs', measure: stopped },
    { what: 'from the call of its push to the abort at the model', unit: 'µs', measure: () => last.fromPush },
    { what: 'a segment of nine words in the loop, appended and reported', unit: 'µs', measure: readInLoop },
    { what: 'the same words, read with the AI SDK alone', unit: 'µs', measure: readOnly },
  ],
  rounds,
)
process.exit()
