// PostgreSQL with its defaults: each message is one INSERT with a NOTIFY in a separate commit, on one of 16 connections.
import { chownSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import {
  findExecutable,
  postgresFolders,
  run,
  startDaemon,
  temporaryFolder,
  untilReady,
} from '../../durable/daemon.mjs'
import { openFront } from '../../durable/front.mjs'

export { call } from './raw.mjs'

/** Returns what to install; undefined if the server is there. */
export const missing = () =>
  findExecutable('POSTGRES', 'postgres', postgresFolders())
    ? undefined
    : 'postgresql (apt-get install postgresql), or the path of postgres as POSTGRES'

export async function open(readers, publishers) {
  const folder = temporaryFolder()
  const data = join(folder, 'data')
  const postgres = findExecutable('POSTGRES', 'postgres', postgresFolders())
  const user = serverUser()
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  const options = { ...user, cwd: folder }
  run(join(postgres, '../initdb'), ['-D', data, '-U', 'bench', '--auth=trust'], options)
  const daemon = startDaemon(postgres, ['-D', data, '-k', folder, '-c', 'listen_addresses='], {
    ...options,
    stdio: 'ignore',
  })
  const connection = { host: folder, user: 'bench', database: 'postgres' }
  const listener = await untilReady(async () => {
    const client = new pg.Client(connection)
    await client.connect()
    return client
  })
  await listener.query('CREATE TABLE messages (seq bigserial PRIMARY KEY, message text NOT NULL)')
  const pool = new pg.Pool({ ...connection, max: 16 })
  const insert = {
    name: 'insert',
    text: `WITH made AS (INSERT INTO messages (message) VALUES ($1) RETURNING seq, message)
           SELECT seq, pg_notify('lobby', seq || ' ' || message) FROM made`,
  }
  return openFront(readers, publishers, {
    publish: async json => (await pool.query({ ...insert, values: [json] })).rows[0].seq,
    async subscribe(deliver) {
      listener.on('notification', ({ payload }) => {
        const end = payload.indexOf(' ')
        deliver(payload.slice(0, end), payload.slice(end + 1))
      })
      await listener.query('LISTEN lobby')
    },
    async close() {
      await pool.end()
      await listener.end()
      await daemon.end('SIGINT')
    },
  })
}

/** PostgreSQL refuses to run as root: then it runs as the user `postgres`. */
function serverUser() {
  if (userInfo().uid !== 0) return {}
  const id = flag => Number(run('id', [flag, 'postgres']))
  return { uid: id('-u'), gid: id('-g') }
}
