import { readSecret } from './settings/read-settings.ts'

/** What lets one in: from the file that was named, else from the environment's MIDSENTENCE_CREDENTIAL. */
export function readCredential(file: string | undefined): { readonly credential?: string } {
  const credential = file === undefined ? process.env.MIDSENTENCE_CREDENTIAL : readSecret(file, '--credential-file')
  return credential ? { credential } : {}
}
