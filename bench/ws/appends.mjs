// One run: a server, and callers in a process of their own who append as fast as they are answered. Says how many a second.
import { heard, start } from '../process.mjs'

const [contestant, callers, warm, measured] = process.argv.slice(2)
const { open } = await import(`./contestants/${contestant}.mjs`)
const { port, tokens } = await open(Number(callers))
const child = start('./callers.mjs', import.meta.url)
child.send({ port, tokens, callers: Number(callers), warm: Number(warm), measured: Number(measured) })
await heard(child)
const before = process.cpuUsage()
const { calls, seconds } = await heard(child)
const { user, system } = process.cpuUsage(before)
process.send({ value: calls / seconds, cpu: (user + system) / calls })
process.disconnect()
process.exit()
