// One run: so many streams that nobody speaks on. Says what one costs the server with all that is known of its reader, in kB
// of its memory.
import { setTimeout as rest } from 'node:timers/promises'
import { staged } from './stage.mjs'

const [contestant, count] = process.argv.slice(2)
const stage = await staged(contestant, { manners: { plain: Number(count) }, publishers: 0 })
await rest(1000)
const { rss } = await stage.state()
await stage.leave()
await rest(1000)
const { descriptors } = await stage.state()
const left = descriptors - stage.before.descriptors
await stage.end()
process.send({ value: (rss - stage.before.bare) / Number(count) / 1000, left })
process.disconnect()
