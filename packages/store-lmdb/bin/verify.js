// Run by verifyStore as a process of its own: reading damaged pages may end the process that does it.
import { verifyHere } from '../dist/verify-here.js'

process.stdout.write(JSON.stringify(await verifyHere(process.argv[2])))
