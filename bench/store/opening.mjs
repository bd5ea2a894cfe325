// In a process of its own: how long it takes to open a hub over a directory, until it has acknowledged a message.
import { serve } from './fill.mjs'

process.send(await serve(process.argv[2]))
process.disconnect()
