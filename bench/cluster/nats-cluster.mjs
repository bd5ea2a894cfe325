// Three NATS servers on this machine that keep each message three times.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findNatsServer, freePort, startDaemon, temporaryFolder, untilReady } from '../durable/daemon.mjs'

/** Starts the servers. Resolves with their URLs, and how to end them. */
export async function startNatsCluster() {
  const program = findNatsServer()
  if (!program) throw new Error('Install nats-server 2.10.27 or newer, or give its path as MIDSENTENCE_NATS_SERVER.')
  const folder = temporaryFolder()
  const ports = []
  for (let count = 0; count < 9; count++) ports.push(await freePort())
  const routes = ports.slice(6).map(port => `"nats://127.0.0.1:${port}"`)
  const daemons = [0, 1, 2].map(nth => {
    const config = `server_name: n${nth}
listen: "127.0.0.1:${ports[nth]}"
http: "127.0.0.1:${ports[3 + nth]}"
jetstream { store_dir: ${JSON.stringify(join(folder, `n${nth}`))}, max_file_store: 20GB }
cluster { name: bench, listen: "127.0.0.1:${ports[6 + nth]}", routes: [${routes.join(', ')}] }
`
    writeFileSync(join(folder, `${nth}.conf`), config)
    return startDaemon(program, ['-c', join(folder, `${nth}.conf`)], { stdio: 'ignore' })
  })
  await untilReady(async () => {
    for (const port of ports.slice(3, 6)) {
      const health = await fetch(`http://127.0.0.1:${port}/healthz`)
      if (!health.ok) throw new Error(`NATS is not ready: ${health.status}.`)
    }
  })
  return {
    urls: ports.slice(0, 3).map(port => `nats://127.0.0.1:${port}`),
    close: () => Promise.all(daemons.map(daemon => daemon.end())),
  }
}
