import { readSecret } from './settings/read-settings.ts'

/** Reads the join credential from `file`, else from the environment variable MIDSENTENCE_CREDENTIAL. */
export function readCredential(file: string | undefined): { readonly credential?: string } {
  const credential = file === undefined ? process.env.MIDSENTENCE_CREDENTIAL : readSecret(file, '--credential-file')
  return credential ? { credential } : {}
}
