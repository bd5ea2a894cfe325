// Runs in its own process: the time to open a hub on a directory, until it acknowledged a message.
import { serve } from './fill.mjs'

process.send(await serve(process.argv[2]))
process.disconnect()
