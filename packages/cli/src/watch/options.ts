import { credentialOptions, readCredential } from '../credential.ts'
import { parseAddresses } from '../parse-values.ts'
import { usageError } from '../usage-error.ts'

/** The options of commands that watch a room. */
export const watchOptions = { room: { type: 'string' }, from: { type: 'string' }, ...credentialOptions } as const

/** Help on those options. */
export const watchHelp = `  URL           The address of a midsentence server, as http://127.0.0.1:8890.
                Of several that share their rooms: all, with commas, as http://a:8890,http://b:8890.
                When one is lost, the next one is used.
  --room ROOM   A recorded room. Default: lobby.
  --from N      Begin after the record at position N. Default: the oldest that is kept.
  --credential-file FILE
                The password or signed token that the server asks for.
                Default: the environment's MIDSENTENCE_CREDENTIAL.
  --credential TEXT
                The same as an argument, which other users of this machine can see.
`

export interface WatchFlags {
  readonly room?: string | undefined
  readonly from?: string | undefined
  readonly credential?: string | undefined
  readonly 'credential-file'?: string | undefined
}

/** Reads the options of a watch. Throws a usage error. */
export function readWatchOptions(url: string, { room = 'lobby', from, ...flags }: WatchFlags) {
  if (from !== undefined && !/^\d{1,15}$/.test(from)) {
    throw usageError(`--from takes the position of a record, as 120, not ${JSON.stringify(from)}.`)
  }
  const start = from === undefined ? {} : { from: Number(from) }
  return { url: parseAddresses(url, 'URL'), room, ...start, ...readCredential(flags) }
}
