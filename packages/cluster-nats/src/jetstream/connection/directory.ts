import { isMidsentenceError, MidsentenceError } from '@midsentence/core'
import { type KvEntry, Kvm } from '@nats-io/kv'
import type { DirectoryEntry, ServerDirectory, ServerEntry } from '../../ports.ts'
import { closedError, isRefusal, noAnswer, unknownOutcome } from '../entries/errors.ts'
import type { StreamLink } from '../entries/stream-link.ts'
import { encodeToken } from '../entries/tokens.ts'

/** Opens the directory of servers, a bucket of JetStream. Reads come from the leader. */
export async function openDirectory(link: StreamLink, bucket: string, replicas: number): Promise<ServerDirectory> {
  const entries = await new Kvm(link.client).create(bucket, { history: 1, replicas, allow_direct: false })
  const stream = `KV_${bucket}`
  /** The revisions of this process's last writes, by id. `unknown`: the outcome of the last one is not known. */
  const written = new Map<string, number | 'unknown'>()

  const check = (): void => {
    if (link.isClosing) throw closedError('directory of servers')
  }
  /** With `clean`, removes the marker that a removed entry leaves: with each start of a server there is one more. */
  const read = async (key: string, clean = false): Promise<DirectoryEntry | undefined> => {
    const found = await entries.get(key).catch(error => {
      throw noAnswer(error)
    })
    if (clean && found && found.operation !== 'PUT') {
      const marker = { filter: `$KV.${bucket}.${key}`, seq: found.revision + 1 }
      await link.manager.streams.purge(stream, marker).catch(() => undefined)
    }
    return found?.operation === 'PUT' ? { entry: entryIn(found), revision: found.revision } : undefined
  }
  /** Returns the revision to write after. Nobody else writes the entry of this process: what is there is its own. */
  const lastOf = async (id: string): Promise<number | undefined> => {
    const last = written.get(id)
    if (last !== 'unknown') return last
    const found = await read(encodeToken(id)).catch(error => {
      throw unknownOutcome(error.cause)
    })
    if (found) return found.revision
    written.delete(id)
    throw evicted()
  }

  return {
    async renew(entry) {
      check()
      const { id } = entry
      const last = await lastOf(id)
      const [key, value] = [encodeToken(id), JSON.stringify(entry)]
      try {
        written.set(id, await (last === undefined ? entries.create(key, value) : entries.update(key, value, last)))
      } catch (error) {
        // An eviction deletes the entry. A first write that was made, but not answered, is found by the next call.
        if (!isRefusal(error) || last === undefined) {
          written.set(id, 'unknown')
          throw unknownOutcome(error)
        }
        written.delete(id)
        throw evicted()
      }
    },
    async remove(id) {
      check()
      written.delete(id)
      await entries.purge(encodeToken(id)).catch(error => {
        throw unknownOutcome(error)
      })
    },
    async evict(id, revision) {
      check()
      try {
        await entries.purge(encodeToken(id), { previousSeq: revision })
        return true
      } catch (error) {
        if (isRefusal(error)) return false
        throw unknownOutcome(error)
      }
    },
    async read(id) {
      check()
      return read(encodeToken(id))
    },
    async list() {
      check()
      try {
        const { state } = await link.manager.streams.info(stream, { subjects_filter: '>' })
        const keys = Object.keys(state.subjects ?? {}).map(subject => subject.slice(subject.lastIndexOf('.') + 1))
        const found = await Promise.all(keys.map(key => read(key, true)))
        return found.filter(entry => entry !== undefined)
      } catch (error) {
        throw isMidsentenceError(error) ? error : noAnswer(error)
      }
    },
  }
}

const entryIn = (found: KvEntry): ServerEntry => found.json<ServerEntry>()

const evicted = () =>
  new MidsentenceError('unavailable', 'Other servers took this server for dead: it renewed its entry too late.')
