// Started by verifyStore: reading damaged pages can end the process that does it.
import { verifyInProcess } from '../dist/copies/verify-in-process.js'

process.stdout.write(JSON.stringify(await verifyInProcess(process.argv[2])))
