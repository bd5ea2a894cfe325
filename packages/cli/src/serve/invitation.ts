import { joinInstructions, shellQuoted } from '@midsentence/server'
import type { Palette } from '../demo/palette.ts'

/** Whose rooms, and what whoever joins shows: the file it stands in, or that only its keeper knows. */
export interface Inviting {
  readonly url: string
  readonly requiresCredential: boolean
  readonly passwordFile: string | undefined
}

/** How to join `room`, to be read and pasted: nothing stands before the lines that are to be pasted. */
export function invitation(
  { url, requiresCredential, passwordFile }: Inviting,
  room: string,
  { dim, bold }: Palette,
): string {
  const { code, curl, terminal } = joinInstructions(url, room, requiresCredential)
  const blocks = [
    ['As a person', 'in another terminal, in this folder', terminal],
    ['With code', 'in this folder', code],
    ['With curl', 'from anywhere', curl],
  ] as const
  const shown = blocks.map(([how, where, lines]) => `${bold(how)} ${dim(`(${where})`)}\n\n${lines}\n`)
  const credential = passwordFile === undefined ? "'what it asks for'" : `"$(cat ${shellQuoted(passwordFile)})"`
  const first = `Whoever joins shows a password, or what else this server asks for. First, in each terminal:\n\nexport MIDSENTENCE_CREDENTIAL=${credential}\n\n`
  return `\n${requiresCredential ? first : ''}Join the room ${room}. Paste one of these, or all of them:\n\n${shown.join('\n')}\n`
}
