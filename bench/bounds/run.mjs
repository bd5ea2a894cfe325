// What rooms and sessions cost while they are in memory and after: `npm run bench:bounds [most]`, by default 100,000.
import { opening } from './opening.mjs'
import { rooms } from './rooms.mjs'
import { sessions } from './sessions.mjs'

const most = Number(process.argv[2] ?? 100_000)
await rooms(most)
await sessions(most)
await opening(10 * most)
