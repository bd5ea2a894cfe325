// One run: a server, and one caller with one reader in a process of their own. Says how long a message was under way.
import { heard, start } from '../process.mjs'

const [contestant, count] = process.argv.slice(2)
const { open } = await import(`./contestants/${contestant}.mjs`)
const { port, hellos, token, rests } = await open(1, 1)
const caller = start('./caller.mjs', import.meta.url, contestant, count)
caller.send({ port, hello: hellos[0], token, rests })
process.send(await heard(caller))
process.disconnect()
process.exit()
