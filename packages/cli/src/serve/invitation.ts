import { joinInstructions, shellQuoted } from '@midsentence/core/rpc-client'
import type { Palette } from '../palette.ts'

export interface InvitationOptions {
  readonly url: string
  /** Whether a participant must send a credential. */
  readonly requiresCredential: boolean
  /** File with the password. Undefined when only the operator knows the credential. */
  readonly passwordFile: string | undefined
}

/** Formats how to join `room`. The lines to paste have no indent, so that they can be copied as they are. */
export function invitation(
  { url, requiresCredential, passwordFile }: InvitationOptions,
  room: string,
  { dim, bold }: Palette,
): string {
  const { code, curl, terminal } = joinInstructions(url, room, requiresCredential)
  const blocks = [
    ['As a person', 'in another terminal, in the installation folder', terminal],
    ['With code', 'in the same folder', code],
    ['With curl', 'from anywhere', curl],
  ] as const
  const shown = blocks.map(([how, where, lines]) => `${bold(how)} ${dim(`(${where})`)}\n\n${lines}\n`)
  const credential = passwordFile === undefined ? "'the credential'" : `"$(cat ${shellQuoted(passwordFile)})"`
  const first = `This server asks for a password or another credential. First, in each terminal:\n\nexport MIDSENTENCE_CREDENTIAL=${credential}\n\n`
  return `\n${requiresCredential ? first : ''}Join the room ${room}. Paste one or more of these:\n\n${shown.join('\n')}\n`
}
