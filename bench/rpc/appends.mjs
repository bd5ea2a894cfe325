// One run: a server in this process, callers in another that append as fast as they are answered. Sends the calls per second.
import { nextMessage, startProcess } from '../process.mjs'

const [peer, callers, keyed, warm, measured] = process.argv.slice(2)
const { open } = await import(`./peers/${peer}.mjs`)
const { port, tokens } = await open(Number(callers))
const child = startProcess('./callers.mjs', import.meta.url)
child.send({
  port,
  tokens,
  callers: Number(callers),
  keyed: keyed === 'keyed',
  warm: Number(warm),
  measured: Number(measured),
})
await nextMessage(child)
const before = process.cpuUsage()
const { calls, seconds } = await nextMessage(child)
const { user, system } = process.cpuUsage(before)
process.send({ value: calls / seconds, cpu: (user + system) / calls })
process.disconnect()
process.exit()
