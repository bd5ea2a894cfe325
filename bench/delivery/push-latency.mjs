// One run: a server in this process, a caller with one reader in another. Sends the time from push to delivery.
import { nextMessage, startProcess } from '../process.mjs'

const [peer, count] = process.argv.slice(2)
const { open } = await import(`./peers/${peer}.mjs`)
const { port, streamRequests, token, maxPauseMs } = await open(1, 1)
const caller = startProcess('./caller.mjs', import.meta.url, peer, count)
caller.send({ port, streamRequest: streamRequests[0], token, maxPauseMs })
process.send(await nextMessage(caller))
process.disconnect()
process.exit()
