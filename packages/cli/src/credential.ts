import { readSecret } from './settings/read-settings.ts'
import { usageError } from './usage-error.ts'

/** The options that give a command the join credential, for `parseArgs`. */
export const credentialOptions = { credential: { type: 'string' }, 'credential-file': { type: 'string' } } as const

export interface CredentialFlags {
  readonly credential?: string | undefined
  readonly 'credential-file'?: string | undefined
}

/**
 * Reads the join credential from its flag or its file, else from the environment variable MIDSENTENCE_CREDENTIAL. No error
 * repeats it.
 */
export function readCredential(flags: CredentialFlags): { readonly credential?: string } {
  const { credential: given, 'credential-file': file } = flags
  if (given !== undefined && file !== undefined)
    throw usageError(
      'Give --credential or --credential-file, not both. The file is safer: other users can see arguments.',
    )
  if (given === '') throw usageError('--credential takes the password or signed token that the server asks for.')
  const credential =
    given ?? (file === undefined ? process.env.MIDSENTENCE_CREDENTIAL : readSecret(file, '--credential-file'))
  return credential ? { credential } : {}
}
